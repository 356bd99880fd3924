# SPDX-License-Identifier: MIT
"""What the protocol tests share: a root, two ways to call it, a reader."""

from support.case import Case, main

__all__ = ["Case", "main"]
