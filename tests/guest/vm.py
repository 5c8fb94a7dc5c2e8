"""A whole machine, emulated by qemu without help from the processor (TCG, so it works anywhere), with Debian's
kernel for clouds as it is: cgroup v2 alone, cpuset, Landlock, two processors. Up in 4 s.

Its root file system comes by virtiofs: that kernel has neither 9p nor, built in, anything else that could show a
folder of the host, so an archive with the few modules and a shell comes first (initramfs.sh) and hands over. The
daemon that serves the files sees them in a mount namespace of its own in which all is read-only; for that it needs
root. Kernels are never installed, which would change what the host boots: `scripts/setup vm` unpacks them.

For amd64 the root is the host's. For arm64 it is a folder with Debian's packages (scripts/arm64) in which tests and
their settings are shown in their places; its boxes are the only ones that meet arm64's filter in a kernel.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import stat
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
DAEMONS = ("/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd")
# In the order in which they are loaded.
MODULES = ("drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev",
           "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "fs/fuse/fuse", "fs/fuse/virtiofs")
MEMORY_MB = 1536

# In the daemon's mount namespace: ROOT, then the folders that are shown in it, then "--" and the daemon.
SHOW_READ_ONLY = """
root=$1
[ "$2" = -- ] || mount -t tmpfs tmpfs "$root/tmp" || exit 1
while [ "$2" != -- ]; do
	mkdir -p "$root$2" && mount --rbind "$2" "$root$2" || exit 1
	shift
done
shift 2
while read -r _ place _; do
	mount -o remount,bind,ro "$place" 2>&-
done </proc/self/mounts
exec "$@"
"""


def daemon():
    return next(filter(os.path.exists, DAEMONS), None)


# ---- the archive that is the first root file system (cpio's "newc" format) -----------------------------


def record(name, mode, data=b""):
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def archive(busybox, modules):
    content = [record(name, stat.S_IFDIR | 0o755) for name in ("dev", "root", "modules")]
    content += [record("init", stat.S_IFREG | 0o755, (HERE / "initramfs.sh").read_bytes()),
                record("busybox", stat.S_IFREG | 0o755, busybox.read_bytes())]
    for index, name in enumerate(MODULES):
        content.append(record(f"modules/{index}.ko", stat.S_IFREG | 0o644, (modules / f"{name}.ko").read_bytes()))
    return b"".join(content) + record("TRAILER!!!", 0)


# ---- the two processes ---------------------------------------------------------------------------------


class Machine:
    SLOWNESS = 30
    LONGEST_S = 3000  # several times what it takes

    def __init__(self, qemu, board, console, kernel, root):
        self.qemu, self.board, self.console, self.root = qemu, board, console, root
        self.kernel_folder, self.busybox = kernel, root / "usr/bin/busybox"

    def kernel(self):
        return next(iter(sorted(self.kernel_folder.glob("boot/vmlinuz-*"))), None)

    def missing(self):
        here = shutil.which(self.qemu) and daemon() and self.busybox.exists() and self.kernel()
        if os.uname().machine != "x86_64" or not here:
            return "this is no x86-64, or what the machine takes is not here: `scripts/setup vm`"
        if os.geteuid() != 0:
            return "serving the host's files to a virtual machine needs root"
        return None

    def serve_files(self, listener, shown):
        command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", SHOW_READ_ONLY, "sh", self.root,
                   *shown, "--", daemon(), f"--fd={listener.fileno()}", "--rlimit-nofile=0", "-o",
                   f"source={self.root}", "-o", "sandbox=chroot", "-o", "cache=always", "-o", "log_level=err")
        return subprocess.Popen(command, pass_fds=(listener.fileno(),), stdin=subprocess.DEVNULL)

    def start(self, init, settings, scratch, files):
        first = pathlib.Path(scratch, "initramfs")
        modules = next((self.kernel_folder / "lib/modules").iterdir()) / "kernel"
        first.write_bytes(archive(self.busybox, modules))
        words = (f"console={self.console}", "loglevel=1", "panic=-1", "mitigations=off", f"INIT={init}",
                 *(f"{name}={value}" for name, value in settings.items()))
        command = (self.qemu, *self.board, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
                   "-accel", "tcg,thread=multi", "-machine", "memory-backend=memory", "-smp", "2",
                   "-m", f"{MEMORY_MB}M", "-object", f"memory-backend-memfd,id=memory,size={MEMORY_MB}M,share=on",
                   "-kernel", str(self.kernel()), "-initrd", str(first), "-append", " ".join(words),
                   "-serial", "stdio", "-chardev", f"socket,id=files,path={files}",
                   "-device", "vhost-user-fs-pci,chardev=files,tag=host")
        return subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, errors="replace")

    @contextlib.contextmanager
    def boot(self, init, settings, scratch, folders):
        """The machine as a process, leader of a group of its own; `settings` are its init's environment."""
        place = os.path.join(scratch, "files.socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(place)
            listener.listen(1)
            files = self.serve_files(listener, () if self.root == pathlib.Path("/") else (*folders, scratch))
        try:
            yield self.start(init, settings, scratch, place)
        finally:
            files.terminate()
            files.wait()


AMD64 = Machine("qemu-system-x86_64", ("-machine", "q35", "-cpu", "max"), "ttyS0", TOP / "build/guest-kernel",
                pathlib.Path("/"))
ARM64 = Machine("qemu-system-aarch64", ("-machine", "virt", "-cpu", "cortex-a72"), "ttyAMA0",
                TOP / "build-arm64/sysroot", TOP / "build-arm64/sysroot")
