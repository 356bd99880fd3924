# SPDX-License-Identifier: MIT
"""The scripts of tests/ as modules, whose tests others take another way."""

import importlib.machinery
import importlib.util
import os
import sys

FOLDER = os.path.join(os.path.dirname(__file__), "..")


def load(name):
    """The module that tests/NAME.t is."""
    path = os.path.abspath(os.path.join(FOLDER, f"{name}.t"))
    loader = importlib.machinery.SourceFileLoader(name, path)
    spec = importlib.util.spec_from_loader(name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module
