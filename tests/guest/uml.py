"""User-mode Linux: Debian's `linux.uml` is a process of this user. It needs no root and is up in 1.5 s; it has one
processor, one file system that forgets what it read, no cpuset and no Landlock."""
import contextlib
import os
import shutil
import subprocess
import tempfile

MEMORY_MB = 1024
SLOWNESS = 10
LONGEST_S = 400  # several times what it takes


def memory_folder():
    """Where the file that is the guest's memory fits, and may be mapped executable. It has no name there."""
    for folder in ("/dev/shm", tempfile.gettempdir(), os.getcwd()):
        found = os.statvfs(folder)
        if found.f_bavail * found.f_frsize > MEMORY_MB << 20 and not found.f_flag & os.ST_NOEXEC:
            return folder
    return None


def missing():
    if not shutil.which("linux.uml"):
        return "there is no linux.uml here (Debian's package user-mode-linux, for amd64 alone)"
    if not memory_folder():
        return f"no folder has room for the guest's memory, {MEMORY_MB} MB"
    return None


def stay_on_one_processor():
    """The guest's kernel and its processes take turns; on two processors each turn would have to wake one. Guests at
    the same time say by GUEST_PROCESSOR who takes which."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[int(os.environ.get("GUEST_PROCESSOR", "0")) % len(processors)]})


@contextlib.contextmanager
def boot(init, settings, scratch, _folders):
    """The guest as a process, leader of a group of its own; `settings` are its init's environment."""
    command = ("linux.uml", f"mem={MEMORY_MB}M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
               f"init={init}", "con=null", "con0=null,fd:1", "cgroup_no_v1=all", "loglevel=1",
               f"uml_dir={scratch}/", *(f"{name}={value}" for name, value in settings.items()))
    yield subprocess.Popen(command, env={**os.environ, "TMPDIR": memory_folder()}, start_new_session=True,
                           preexec_fn=stay_on_one_processor, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
