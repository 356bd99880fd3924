# SPDX-License-Identifier: MIT
"""Network file systems of a test's own, each with the mounts of several heads.

    run_alone(__file__)          # first thing in a script
    system = MooseFs(folder)     # or GlusterFs
    system.heads                 # the folders where it is mounted
    system.stop_server(0); system.start_server(0)
    system.remove()

All of it lives in namespaces of the script's own: a network in which nobody
else listens, mounts that nobody else sees, and processes that end with the
script, however that ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

INSIDE = "--alone"  # what the script is given when it runs so
ADDRESS = "10.99.0.1"
NAMESPACES = ("--mount", "--net", "--pid", "--fork", "--mount-proc")


class HeadsError(Exception):
    """This machine does not let us, and says why."""


def run_alone(script):
    """Starts the script again in namespaces of its own, where that can be
    done; None inside of them, else the reason why not."""
    if INSIDE in sys.argv:
        sys.argv.remove(INSIDE)
        return None
    if os.geteuid() != 0:
        return "mounting needs root"
    command = ["unshare", *NAMESPACES, "--kill-child"]
    try:
        _run(*command, "true")
    except HeadsError as error:
        return str(error)
    # The first process of a namespace inherits what others leave behind, and
    # a shell that waits for us ends it properly.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    arguments = [sys.executable, script, INSIDE, *sys.argv[1:]]
    os.execvp("unshare", [*command, *shell, *arguments])


class Servers:
    """What both kinds have in common."""

    needs = ()  # programs

    def __init__(self, folder, heads, servers):
        self.folder = folder
        self.heads = [os.path.join(folder, f"head{n}") for n in range(heads)]
        self.processes = []
        self.mounts = []
        os.makedirs(folder)
        for path in self.heads:
            os.mkdir(path)
        try:
            self.build(servers)
        except BaseException:
            self.remove()
            raise

    @classmethod
    def why_not(cls):
        """None where the programs are there, else the reason."""
        for name in cls.needs:
            if shutil.which(name) is None:
                return f"{name} is not installed: etc/setup heads"
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            return "there is no /dev/fuse"
        return None

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def start(self, *command):
        """A process in the foreground; its words go to a file."""
        with open(self.path("said"), "ab") as said:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def wait_for_word(self, *parts):
        """Until a line has all of these."""

        def has_come():
            with open(self.path("said"), errors="replace") as said:
                return any(all(p in line for p in parts) for line in said)

        wait_for(has_come, " ".join(parts))

    def end(self, process, how=signal.SIGTERM):
        process.send_signal(how)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    def remove(self):
        for path in reversed(self.mounts):
            subprocess.run(["umount", "--lazy", path], check=False)
        for process in reversed(list(self.processes)):
            self.end(process)
        shutil.rmtree(self.folder, ignore_errors=True)


class MooseFs(Servers):
    """A master, chunkservers with a copy of everything each, and heads."""

    needs = ("mfsmaster", "mfschunkserver", "mfsmount")
    EMPTY = "/var/lib/mfs/metadata.mfs.empty"

    # What a head is told of a folder is not of a second ago.
    OPTIONS = ("mfsattrcacheto=0", "mfsdirentrycacheto=0")

    def __init__(self, folder):
        super().__init__(folder, heads=2, servers=2)

    def build(self, servers):
        _enter_network()
        for name in ("master", *(f"chunk{n}" for n in range(servers))):
            os.mkdir(self.path(name))
        shutil.copy(self.EMPTY, self.path("master", "metadata.mfs"))
        self.write("exports", "* / rw,alldirs,admin,maproot=0:0\n")
        self.write("topology", "")
        self.configure(
            "master",
            EXPORTS_FILENAME=self.path("exports"),
            TOPOLOGY_FILENAME=self.path("topology"),
        )
        self.start("mfsmaster", "-f", "-c", self.path("master.cfg"), "start")
        self.wait_for_word("master daemon initialized")
        self.chunks = [self.start_chunks(n) for n in range(servers)]
        for number in range(servers):
            self.wait_for_word(f"chunk{number}[", "connected to Master")
        for head in self.heads:
            self.mount(head)
        _run("mfssetgoal", "-r", str(servers), self.heads[0])

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def configure(self, name, **keys):
        keys.update(
            WORKING_USER="root",
            WORKING_GROUP="root",
            DATA_PATH=self.path(name),
            NICE_LEVEL="0",
            SYSLOG_IDENT=name,
        )
        lines = [f"{key} = {value}\n" for key, value in keys.items()]
        self.write(name + ".cfg", "".join(lines))

    def start_chunks(self, number):
        name = f"chunk{number}"
        disk = self.path(name, "disk")
        if not os.path.exists(disk):
            os.mkdir(disk)
            self.write(name + ".disks", disk + "\n")
            self.configure(
                name,
                HDD_CONF_FILENAME=self.path(name + ".disks"),
                HDD_LEAVE_SPACE_DEFAULT="1MiB",
                MASTER_HOST=ADDRESS,
                MASTER_RECONNECTION_DELAY="1",
                CSSERV_LISTEN_PORT=str(9422 + 10 * number),
            )
        return self.start(
            "mfschunkserver", "-f", "-c", self.path(name + ".cfg"), "start"
        )

    def mount(self, head):
        options = ",".join(self.OPTIONS)
        self.start("mfsmount", head, "-f", "-H", ADDRESS, "-o", options)
        wait_for(lambda: os.path.ismount(head), "the mount of MooseFS")
        self.mounts.append(head)

    def stop_server(self, number):
        self.end(self.chunks[number], signal.SIGKILL)

    def start_server(self, number):
        self.chunks[number] = self.start_chunks(number)


class GlusterFs(Servers):
    """A volume whose bricks have a copy of everything each, and heads."""

    needs = ("glusterd", "gluster", "glusterfs")
    # Where its programs put what they need, however one asks.
    FOLDERS = ("/var/lib/glusterd", "/var/run/gluster", "/var/log/glusterfs")

    # A name that another head has taken away is not seen for a second more.
    OPTIONS = ("attribute-timeout=0", "entry-timeout=0", "negative-timeout=0")
    UNCACHED = ("performance.stat-prefetch", "performance.quick-read")

    def __init__(self, folder):
        super().__init__(folder, heads=3, servers=3)

    def build(self, servers):
        _enter_network()
        for path in self.FOLDERS:
            os.makedirs(path, exist_ok=True)
            _run("mount", "-t", "tmpfs", "tmpfs", path)
            self.mounts.append(path)
        self.start("glusterd", "-N", "-p", self.path("glusterd.pid"))
        wait_for(lambda: self.ask("volume", "list"), "glusterd")
        for number in range(servers):
            os.makedirs(self.brick(number))
        bricks = [f"{ADDRESS}:{self.brick(n)}" for n in range(servers)]
        self.tell(
            "volume", "create", "q", "replica", str(servers), *bricks, "force"
        )
        for name in self.UNCACHED:
            self.tell("volume", "set", "q", name, "off")
        self.tell("volume", "start", "q")
        for head in self.heads:
            self.mount(head)

    def brick(self, number):
        return self.path(f"brick{number}", "data")

    def ask(self, *words):
        """Whether it was done."""
        done = subprocess.run(
            ["gluster", "--mode=script", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def tell(self, *words):
        _run("gluster", "--mode=script", *words)

    def mount(self, head):
        options = [f"--{option}" for option in self.OPTIONS]
        self.start(
            "glusterfs",
            "-N",
            "--volfile-server=" + ADDRESS,
            "--volfile-id=q",
            *options,
            head,
        )
        wait_for(lambda: os.path.ismount(head), "the mount of GlusterFS")
        self.mounts.append(head)

    def pid_of(self, number):
        name = self.brick(number).strip("/").replace("/", "-")
        path = f"/var/run/gluster/vols/q/{ADDRESS}-{name}.pid"
        with open(path) as file:
            return int(file.read())

    def stop_server(self, number):
        os.kill(self.pid_of(number), signal.SIGKILL)

    def start_server(self, number):
        self.tell("volume", "start", "q", "force")

    def remove(self):
        self.ask("volume", "stop", "q", "force")
        super().remove()


def _run(*command):
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise HeadsError(f"{command[0]} is not installed") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise HeadsError(f"{command[0]}: {said}")


def _enter_network():
    """The namespace's own network has the one address."""
    _run("ip", "link", "set", "lo", "up")
    done = subprocess.run(
        ["ip", "-o", "addr", "show", "dev", "lo"],
        capture_output=True,
        check=True,
    )
    if ADDRESS.encode() not in done.stdout:
        _run("ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo")


def wait_for(holds, what, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise HeadsError(f"{what} did not come within {seconds} seconds")
        time.sleep(0.05)
