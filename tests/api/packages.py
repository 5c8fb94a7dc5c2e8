"""Problem packages for the tests: those of problems/, as archives, and their own submissions."""
import io
import pathlib
import zipfile

from arena import ROOT, request

PROBLEMS = ROOT / "problems"
LANGUAGES = {".py": "python", ".c": "c", ".cpp": "cpp", ".java": "java", ".js": "javascript"}


def archive_of(files, folder="package"):
    """A zip archive of {path: text or bytes}, or of a folder."""
    if isinstance(files, pathlib.Path):
        folder = files.name
        files = {str(path.relative_to(files)): path.read_bytes() for path in sorted(files.rglob("*")) if path.is_file()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(f"{folder}/{path}", content)
    return out.getvalue()


def send(service, archive, token, query="", path="/api/problems/import"):
    return request(service.backend_port, "POST", f"{path}?{query}", archive,
                   {"Authorization": f"Bearer {token}", "Content-Type": "application/zip"})


def submission_of(problem, name):
    """(code, language) of one of a package's own submissions: "accepted/all.py"."""
    path = PROBLEMS / problem / "submissions" / name
    return path.read_text(), LANGUAGES[path.suffix]


SUM = {
    "problem.yaml": "problem_format_version: 2023-07-draft\nname: Sum\nuuid: 11111111-2222-3333-4444-555555555555\n"
                    "limits:\n  time_limit: 2\n  memory: 256\n",
    "statement/problem.en.md": "Add **two** numbers.\n",
    "data/sample/1.in": "1 2\n", "data/sample/1.ans": "3\n",
    "data/secret/1.in": "4000017 29983\n", "data/secret/1.ans": "4030000\n",
    "data/secret/2.in": "7000001 4\n", "data/secret/2.ans": "7000005\n",
    "submissions/accepted/a.py": "print(sum(map(int, input().split())))\n",
}
