"""What a script tries first: the network, the host's files, another process, a raw system call."""
import ctypes
import os
import socket
import sys

breaches = 0


def refused(what, attempt):
    global breaches
    try:
        attempt()
        print(what, "WORKED")
        breaches += 1
    except (OSError, RuntimeError) as error:
        print(f"{what}: {error}")


libc = ctypes.CDLL(None, use_errno=True)


def raw(*arguments):
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "raw call")


refused("loopback", lambda: socket.create_connection(("127.0.0.1", 22), 1))
refused("outside", lambda: socket.create_connection(("1.1.1.1", 53), 1))
refused("names", lambda: socket.getaddrinfo("example.org", 80))
refused("shadow", lambda: open("/etc/shadow"))
refused("init's environment", lambda: open("/proc/1/environ"))
refused("root's home", lambda: os.listdir("/root"))
refused("kill init", lambda: os.kill(1, 9))
refused("plant a module", lambda: open("/usr/lib/python3/dist-packages/planted.py", "w"))
refused("unshare", lambda: raw(272, 0x10000000))
refused("mount", lambda: raw(165, b"none", b"/tmp", b"tmpfs", 0, 0))
print(sorted(os.environ))
sys.exit(1 if breaches else 0)
