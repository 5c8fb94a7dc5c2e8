"""A whole machine, emulated by qemu without help from the processor (TCG, so it works anywhere), with Debian's
kernel for clouds as it is: cgroup v2 alone, cpuset, Landlock, two processors. Up in 4 s.

Its root file system is the host's by virtiofs: that kernel has neither 9p nor, built in, anything else that could
show a folder of the host, so an archive with the few modules and a shell comes first (initramfs.sh) and hands over.
The daemon that serves the files sees them in a mount namespace of its own in which all is read-only; for that it
needs root. The kernel is never installed, which would change what the host boots: `scripts/setup vm` unpacks it.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import stat
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
KERNEL = HERE.parent.parent / "build" / "guest-kernel"
DAEMONS = ("/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd")
BUSYBOX = "/bin/busybox"
# In the order in which they are loaded.
MODULES = ("drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev",
           "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "fs/fuse/fuse", "fs/fuse/virtiofs")
MEMORY_MB = 1536
SLOWNESS = 10
LONGEST_S = 1500  # several times what it takes

READ_ONLY = 'while read -r _ place _; do mount -o remount,bind,ro "$place" 2>&-; done </proc/self/mounts; exec "$@"'


def kernel():
    return next(iter(sorted(KERNEL.glob("boot/vmlinuz-*"))), None)


def daemon():
    return next(filter(os.path.exists, DAEMONS), None)


def missing():
    if not shutil.which("qemu-system-x86_64") or not daemon() or not os.path.exists(BUSYBOX) or not kernel():
        return "qemu, virtiofsd, busybox or a kernel is not here; `scripts/setup vm` gets them"
    if os.geteuid() != 0:
        return "serving the host's files to a virtual machine needs root"
    return None


# ---- the archive that is the first root file system (cpio's "newc" format) -----------------------------


def record(name, mode, data=b""):
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def archive():
    modules = next((KERNEL / "lib" / "modules").iterdir()) / "kernel"
    content = [record(name, stat.S_IFDIR | 0o755) for name in ("dev", "root", "modules")]
    content += [record("init", stat.S_IFREG | 0o755, (HERE / "initramfs.sh").read_bytes()),
                record("busybox", stat.S_IFREG | 0o755, pathlib.Path(BUSYBOX).read_bytes())]
    for index, name in enumerate(MODULES):
        content.append(record(f"modules/{index}.ko", stat.S_IFREG | 0o644, (modules / f"{name}.ko").read_bytes()))
    return b"".join(content) + record("TRAILER!!!", 0)


# ---- the two processes ---------------------------------------------------------------------------------


def serve_files(listener):
    command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", READ_ONLY, "sh", daemon(),
               f"--fd={listener.fileno()}", "--rlimit-nofile=0", "-o", "source=/", "-o", "sandbox=chroot",
               "-o", "cache=always", "-o", "log_level=err")
    return subprocess.Popen(command, pass_fds=(listener.fileno(),), stdin=subprocess.DEVNULL)


def start_machine(init, settings, scratch, place):
    first = pathlib.Path(scratch, "initramfs")
    first.write_bytes(archive())
    words = ("console=ttyS0", "loglevel=1", "panic=-1", "mitigations=off", f"INIT={init}",
             *(f"{name}={value}" for name, value in settings.items()))
    command = ("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
               "-accel", "tcg,thread=multi", "-machine", "q35,memory-backend=memory", "-cpu", "max", "-smp", "2",
               "-m", f"{MEMORY_MB}M", "-object", f"memory-backend-memfd,id=memory,size={MEMORY_MB}M,share=on",
               "-kernel", str(kernel()), "-initrd", str(first), "-append", " ".join(words), "-serial", "stdio",
               "-chardev", f"socket,id=files,path={place}", "-device", "vhost-user-fs-pci,chardev=files,tag=host")
    return subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace")


@contextlib.contextmanager
def boot(init, settings, scratch):
    """The machine as a process, leader of a group of its own; `settings` are its init's environment."""
    place = os.path.join(scratch, "files.socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen(1)
        files = serve_files(listener)
    try:
        yield start_machine(init, settings, scratch, place)
    finally:
        files.terminate()
        files.wait()
