#!/usr/bin/env python3
"""Runs a test program where nothing better than the restricted tier can be had: as a user who is nobody special.

    tests/sandbox/restricted.py PROGRAM ARGUMENT...

77, which Meson counts as skipped, where the kernel has no Landlock, or that user cannot reach the program.
"""
import ctypes
import os
import sys

STRANGER = 6002
SKIPPED = 77
LANDLOCK_CREATE_RULESET, VERSION = 444, 1


def landlock_version():
    return ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, VERSION)


def become_stranger():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(STRANGER, STRANGER, STRANGER)
        os.setresuid(STRANGER, STRANGER, STRANGER)


def leave_out(reason):
    print(f"left out: {reason}")
    sys.exit(SKIPPED)


def main(command):
    if landlock_version() < 1:
        leave_out("this kernel has no Landlock")
    become_stranger()
    if not os.access(command[0], os.X_OK):
        leave_out(f"{command[0]} is in a folder that is closed to others")
    environment = {**os.environ, "SANDBOX_ALLOW_RESTRICTED": "true", "TMPDIR": "/tmp"}
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    main(sys.argv[1:])
