# SPDX-License-Identifier: MIT
"""A certificate of its own for each stand-in, by openssl."""

import os
import ssl
import subprocess
import tempfile

HOSTS = ("www.vinted.fr", "www.vinted.de", "www.vinted.co.uk")
TIMEOUT = 30


def make_context():
    """A TLS context for HOSTS, which no browser trusts by itself."""
    with tempfile.TemporaryDirectory() as folder:
        key = os.path.join(folder, "key.pem")
        certificate = os.path.join(folder, "certificate.pem")
        names = ",".join(f"DNS:{host}" for host in HOSTS)
        command = "openssl req -x509 -newkey ec -nodes -days 2"
        command += " -pkeyopt ec_paramgen_curve:prime256v1"
        subprocess.run(
            [*command.split(), "-subj", f"/CN={HOSTS[0]}"]
            + ["-addext", f"subjectAltName={names}"]
            + ["-keyout", key, "-out", certificate],
            check=True,
            capture_output=True,
            timeout=TIMEOUT,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context
