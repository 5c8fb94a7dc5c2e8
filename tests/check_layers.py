#!/usr/bin/env python3
"""Refuses an upward include: the table of docs/architecture.md, held to.

Looks at every #include "layer/file.h" beneath src/, and at the dependencies that each layer's meson.build
names. A header without a layer is the folder's own. Prints one line a finding; exits 1 when there is one.
"""
import pathlib
import re
import sys

ALLOWED = {
    "base": set(),
    "model": {"base"},
    "sandbox": {"base"},
    "db": {"base"},
    "net": {"base"},
    "lang": {"base", "model", "sandbox"},
    "judge": {"base", "model", "sandbox", "lang"},
    # sandbox: lang's headers name it.
    "package": {"base", "model", "lang", "sandbox"},
    "verify": {"base", "model", "lang", "sandbox", "judge", "package"},
    "queue": {"base", "model", "db"},
    "execution": {"base", "model", "db", "net", "queue"},
    "backend": {"base", "model", "db", "net"},
    # net: it is a client of the service; the health page is all it serves.
    "worker": {"base", "model", "net", "judge", "lang", "sandbox"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"/]+)/[^"]*"', re.MULTILINE)


def includes(folder):
    for path in sorted(folder.rglob("*.[ch]")):
        for match in INCLUDE.finditer(path.read_text()):
            line = path.read_text()[: match.start(1)].count("\n") + 1
            yield f"{path}:{line}", match.group(1)


def dependencies(folder):
    path = folder / "meson.build"
    match = re.search(r"_dependencies = \[([^\]]*)\]", path.read_text())
    for name in re.findall(r"\w+", match.group(1)) if match else []:
        yield str(path), name


def findings(source):
    layers = set(ALLOWED) | {"cli"}
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        if folder.name not in layers:
            yield f"{folder}: is no layer that the table knows"
        elif folder.name != "cli":
            allowed = ALLOWED[folder.name] | {folder.name}
            for place, other in [*includes(folder), *dependencies(folder)]:
                if other in layers and other not in allowed:
                    yield f"{place}: {folder.name} may not include {other}"


# All that has the host's root rights is to be read in one sitting.
PRIVILEGED, PRIVILEGED_LINES = "sandbox/maker", 1500


def privileged(source):
    lines = sum(len(path.read_text().splitlines()) for path in (source / PRIVILEGED).glob("*.[ch]"))
    if lines >= PRIVILEGED_LINES:
        yield f"{source / PRIVILEGED}: {lines} lines; the part with root's rights has fewer than {PRIVILEGED_LINES}"


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent
    found = [*findings(root / "src"), *privileged(root / "src")]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
