"""The command line: what it prints, and what it exits with."""
import base64
import json
import os
import signal
import subprocess
import time

import pytest

from arena import BINARY


@pytest.fixture
def arena(tmp_path):
    """arena("run", "x.py", input="...") in a folder of its own."""

    def run(*words, input="", **environment):
        return subprocess.run([BINARY, *words], input=input, capture_output=True, text=True, timeout=90, cwd=tmp_path,
                              env={"PATH": os.environ["PATH"], **environment})

    run.folder = tmp_path
    return run


def write(arena, name, text):
    path = arena.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return name


# ---- words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, said", [
    ([], "usage: arena COMMAND"),
    (["srve"], "did you mean serve?"),
    (["help", "langauges"], "did you mean languages?"),
    (["--verison"], "did you mean --version?"),
    (["quux"], "`arena help` lists them"),
    (["run", "--tiem", "5", "x.py"], "did you mean --time?"),
    (["run", "--mem=5", "x.py"], "there is no option --mem"),
    (["run", "-v", "x.py"], "there is no option --v"),
    (["run", "--time", "soon", "x.py"], "--time soon: must be a whole number from 1 to"),
    (["run", "--time", "0", "x.py"], "--time 0: must be"),
    (["run", "x.py", "--time"], "--time needs a value: MS"),
    (["run", "--json=yes", "x.py"], "--json takes no value"),
    (["run"], "which file?"),
    (["run", "absent.py"], "absent.py: No such file or directory"),
    (["run", "--language", "pyton", "absent.py"], "did you mean python?"),
    (["run", "absent.xyz"], "say --language"),
    (["serve", "now"], "now: takes no such word"),
    (["worker"], "--service URL and --token-file FILE are needed"),
    (["worker", "--service", "http://example.org", "--token-file", "x"], "--insecure"),
    (["admin"], "usage: arena admin COMMAND"),
    (["admin", "keys"], "did you mean key?"),
    (["admin", "key"], "create, list or revoke ID?"),
    (["admin", "key", "create", "--name", "x", "--scopes", "all"], "--scopes LIST are needed"),
    (["admin", "key", "revoke", "first"], "which key?"),
    (["lanes"], "--socket PATH is needed"),
    (["bench", "box-nxt"], "did you mean box-next?"),
])
def test_wrong_words(arena, words, said):
    done = arena(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_help_is_everywhere(arena):
    listed = arena("help")
    assert listed.returncode == 0 and listed.stderr == ""
    commands = [line.split()[0] for line in listed.stdout.splitlines() if line.startswith("  ") and line[2] != "-"]
    assert {"run", "serve", "languages", "doctor", "config", "bench", "execution", "worker"} <= set(commands)
    for command in commands:
        asked, told = arena("help", command), arena(command, "--help")
        assert asked.returncode == told.returncode == 0
        assert asked.stdout == told.stdout and told.stdout.startswith(f"usage: arena {command}")


def test_version(arena):
    assert arena("--version").stdout.split()[0] == "arena"


# ---- configuration ---------------------------------------------------------------------------------------


def test_config_masks_and_warns(arena):
    write(arena, ".env", "WORKER_TOKEN=hunter2\nLOG_LEVLE=debug\nLANES=3\n")
    done = arena("config", LANES="5")
    assert done.returncode == 0
    assert "LANES=5 " in done.stdout and "WORKER_TOKEN=******** " in done.stdout
    assert "LOG_LEVLE" in done.stderr and "did you mean LOG_LEVEL?" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["config", "serve", "languages"])
def test_a_malformed_value_stops_every_start(arena, command):
    done = arena(command, LIMIT_MEMORY="lots")
    assert (done.returncode, done.stdout) == (2, "")
    assert "LIMIT_MEMORY=lots: must be a whole number from 1 to" in done.stderr


def test_a_malformed_env_file(arena):
    write(arena, ".env", "LANES=2\nno equals sign\n")
    done = arena("config")
    assert done.returncode == 2 and ".env:2: expected NAME=value" in done.stderr


# ---- languages, doctor -----------------------------------------------------------------------------------

NINE = {"python", "javascript", "java", "cpp", "c", "csharp", "go", "rust", "typescript"}


def test_languages(arena):
    listed = {each["id"]: each for each in json.loads(arena("languages", "--json").stdout)["languages"]}
    assert set(listed) == NINE
    assert listed["python"]["aliases"] == ["python3", "py"]
    for each in listed.values():
        assert bool(each["version"]) == each["available"] and bool(each["reason"]) != each["available"]
    text = arena("languages").stdout
    assert all(f"\n{name} " in text for name in NINE)


def test_a_bad_pack_is_refused(arena):
    packs = arena.folder / "packs"
    packs.mkdir()
    (packs / "odd.yaml").write_text("id: odd\nname: [1\n")
    done = arena("languages", LANGUAGES_DIR=str(packs))
    assert done.returncode == 1 and "odd.yaml:" in done.stderr


def test_doctor(arena):
    done = arena("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and found["ok"] is True and found["tier"] == "full"
    assert {each["id"] for each in found["languages"]} == NINE
    for check in found["checks"]:
        assert check["ok"] or check["advice"], check
    text = arena("doctor")
    assert text.returncode == 0 and "programs can be run here" in text.stdout


def test_doctor_without_any_language(arena):
    packs = arena.folder / "packs"
    packs.mkdir()
    (packs / "odd.yaml").write_text(
        "id: odd\nname: Odd\nextensions: [odd]\nsource: main.odd\ntools:\n"
        "  - name: odd\n    paths: [/usr/bin/there-is-none]\n    package: odd\n"
        "version: ['{odd}', --version]\nrun: ['{odd}', '{main}']\nhello: x\nhello_output: x\necho: x\n")
    done = arena("doctor", LANGUAGES_DIR=str(packs))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "can NOT be run here" in done.stdout and "there-is-none" in done.stdout


# ---- run -------------------------------------------------------------------------------------------------


def test_run_passes_streams_and_status_through(arena):
    write(arena, "x.py", "import sys\nprint(input()[::-1])\nprint('aside', file=sys.stderr)\nsys.exit(7)\n")
    done = arena("run", "x.py", input="abc\n")
    assert (done.returncode, done.stdout, done.stderr) == (7, "cba\n", "aside\n")


def test_run_tells_how_it_went(arena):
    write(arena, "x.py", "print(1)")
    done = arena("run", "--verbose", "x.py")
    assert done.returncode == 0 and done.stderr.startswith("arena: ok; cpu ")


@pytest.mark.parametrize("options, code, status, verdict, outcome", [
    ([], "", 0, "ok", "exited"),
    ([], "raise SystemExit(3)", 3, "runtime_error", "exited"),
    ([], "import os\nos.kill(os.getpid(), 11)", 139, "runtime_error", "signaled"),
    (["--time", "200"], "while True: pass", 124, "time_limit_exceeded", "cpu_limit"),
    (["--wall", "300"], "import time\ntime.sleep(60)", 124, "time_limit_exceeded", "wall_limit"),
    (["--memory", "64"], "x = bytearray(10**9)\nfor i in range(0, 10**9, 4096): x[i] = 1", 137,
     "memory_limit_exceeded", "memory_limit"),
    (["--output", "1000"], "while True: print('x' * 100)", 153, "output_limit_exceeded", "output_limit"),
    ([], "f = open('big', 'wb')\nwhile True: f.write(b'x' * 2**20)", 153, "output_limit_exceeded", "file_limit"),
])
def test_run_statuses(arena, options, code, status, verdict, outcome):
    write(arena, "x.py", "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n" + code)
    plain, told = arena("run", *options, "x.py"), arena("run", "--json", *options, "x.py")
    assert (plain.returncode, told.returncode) == (status, status), plain.stderr + told.stderr
    report = json.loads(told.stdout)
    assert (report["language"], report["verdict"], report["run"]["outcome"]) == ("python", verdict, outcome)


def test_run_json_is_the_contract(arena):
    write(arena, "x.c", '#include <stdio.h>\nint main(void) { fputs("\\xff\\xe2\\x82", stdout); return 2; }\n')
    report = json.loads(arena("run", "--json", "x.c").stdout)
    assert set(report) == {"language", "verdict", "compile", "run"}
    assert set(report["compile"]) == {"status", "output", "time_us", "cached"}
    assert set(report["run"]) == {"outcome", "exit_code", "signal", "cpu_time_us", "wall_time_us", "memory_bytes",
                                  "processes_peak", "stdout", "stderr", "stdout_truncated", "stderr_truncated"}
    assert report["compile"]["status"] == "ok" and report["compile"]["time_us"] > 0
    assert report["run"]["stdout"] == "\ufffd\ufffd"
    whole = json.loads(arena("run", "--json", "--base64", "x.c").stdout)
    assert base64.b64decode(whole["run"]["stdout"]) == b"\xff\xe2\x82"


def test_run_keeps_output_up_to_the_cap(arena):
    write(arena, "x.py", "while True: print('x' * 99)")
    assert len(arena("run", "--output", "5000", "x.py").stdout) == 5000
    run = json.loads(arena("run", "--json", "--output", "5000", "x.py").stdout)["run"]
    assert (len(run["stdout"]), run["stdout_truncated"], run["stderr_truncated"]) == (5000, True, False)
    for cap, said in (("500", "500 bytes"), ("2048", "2 KB")):
        for form in ([], ["--json"]):
            done = arena("run", "--verbose", *form, "--output", cap, "x.py")
            assert f"output_limit_exceeded: Output limit exceeded ({said});" in done.stderr


def test_run_says_what_does_not_compile(arena):
    write(arena, "x.c", "int main(void) { return y; }\n")
    plain, told = arena("run", "x.c"), json.loads(arena("run", "--json", "x.c").stdout)
    assert plain.returncode == 126 and "x.c:1:25" in plain.stderr and plain.stdout == ""
    assert (told["verdict"], told["compile"]["status"], told["run"]) == ("compile_error", "error", None)
    assert "x.c:1:25" in told["compile"]["output"]


def test_run_takes_any_name_with_a_language(arena):
    write(arena, "script", "import sys\nprint(sys.argv[0], 2 + 3)")
    assert arena("run", "--language", "python", "script").stdout == "main.py 5\n"
    write(arena, "x.c", "#include <vector>\nint main() { return std::vector<int>(7).size(); }\n")
    assert arena("run", "--language", "c++", "x.c").returncode == 7
    assert arena("run", "x.c").stderr.startswith("x.c:1:10: fatal error")


def test_run_says_what_cannot_be_a_program_on_a_line_of_its_own(arena):
    write(arena, "two.java", "public class A {}\n")
    write(arena, "a..py", "")
    for files in (["two.java", "two.java"], ["a..py", "a..py"]):
        done = arena("run", *files)
        assert done.returncode == 126 and done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr


def test_run_several_files_are_one_program(arena):
    main = write(arena, "p/main.c", '#include <stdio.h>\n#include "half.h"\nint main(void) { printf("%d\\n", half(84)); }')
    half = write(arena, "p/half.c", "int half(int x) { return x / 2; }")
    head = write(arena, "p/half.h", "int half(int x);")
    assert arena("run", main, half, head).stdout == "42\n"
    main = write(arena, "q/main.py", "import half.well\nprint(half.well.x)")
    (arena.folder / "q/half").mkdir()
    well = write(arena, "q/half/well.py", "x = 21")
    assert arena("run", main, well).stdout == "21\n"


@pytest.mark.parametrize("words, got", [
    (["x.py", "--args", "a", "b"], ["a", "b"]),
    (["--args", "a", "b", "--json", "x.py"], ["a", "b"]),
    (["--args", "a", "b", "x.py"], ["a", "b"]),
    (["--args", "a", "--", "x.py"], ["a"]),
    (["--args=--json", "--args=", "x.py"], ["--json", ""]),
    (["x.py"], []),
])
def test_run_arguments(arena, words, got):
    write(arena, "x.py", "import sys\nprint(sys.argv[1:])\n")
    done = arena("run", *words)
    said = json.loads(done.stdout)["run"]["stdout"] if "--json" in words else done.stdout
    assert said == f"{got}\n"


def test_run_standard_input(arena):
    write(arena, "x.py", "import sys\nprint(len(sys.stdin.buffer.read()))\n")
    write(arena, "in.txt", "x" * 300000)
    assert arena("run", "--stdin", "in.txt", "x.py").stdout == "300000\n"
    assert arena("run", "--stdin", "-", "x.py", input="four").stdout == "4\n"
    assert json.loads(arena("run", "--json", "x.py", input="four").stdout)["run"]["stdout"] == "4\n"
    with open(arena.folder / "in.txt") as file:
        done = subprocess.run([BINARY, "run", "x.py"], stdin=file, capture_output=True, text=True, cwd=arena.folder)
    assert done.stdout == "300000\n"
    assert arena("run", "--stdin", "absent.txt", "x.py").returncode == 2


def test_run_cannot_write_to_its_standard_input(arena):
    write(arena, "x.py", "try:\n  open('/proc/self/fd/0', 'w').write('mine')\nexcept OSError as e:\n  print('refused')\n")
    kept = arena.folder / "in.txt"
    kept.write_text("yours")
    kept.chmod(0o666)
    with open(kept) as file:
        done = subprocess.run([BINARY, "run", "x.py"], stdin=file, capture_output=True, text=True, cwd=arena.folder)
    assert done.stdout == "refused\n" and kept.read_text() == "yours"


def test_run_output_is_live(arena):
    """What is printed arrives while the program runs: it waits for our answer to it."""
    write(arena, "x.py", "print('question', flush=True)\nprint(input())\n")
    with subprocess.Popen([BINARY, "run", "x.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          cwd=arena.folder) as process:
        assert process.stdout.readline() == "question\n"
        process.stdin.write("answer\n")
        process.stdin.flush()
        assert process.stdout.readline() == "answer\n"
    assert process.returncode == 0


def test_run_without_readers_ends(arena):
    write(arena, "x.py", "while True: print('y', flush=True)\n")
    done = subprocess.run(["bash", "-c", f"{BINARY} run --output 100000000 x.py | head -n 1; exit ${{PIPESTATUS[0]}}"],
                          capture_output=True, text=True, timeout=30, cwd=arena.folder)
    assert (done.stdout, done.returncode) == ("y\n", 128 + signal.SIGPIPE)


def test_run_ends_with_an_interrupt(arena):
    write(arena, "x.py", "import time\nprint('on', flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen([BINARY, "run", "--wall", "50000", "x.py"], stdout=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, cwd=arena.folder) as process:
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130


def test_run_in_a_full_pipe_respects_the_wall_limit(arena):
    """Nobody reads, so that the program waits; its time is over all the same."""
    write(arena, "x.py", "while True: print('y' * 4096)\n")
    with subprocess.Popen([BINARY, "run", "--wall", "500", "--output", "100000000", "x.py"], stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=arena.folder) as process:
        time.sleep(1)
        process.stdout.read()
        assert process.wait(20) == 124


def test_run_without_root_says_so(arena, open_languages):
    write(arena, "x.py", "print(1)")
    arena.folder.chmod(0o755)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BINARY, "run", "/dev/null",
                           "--language", "python"], capture_output=True, text=True, cwd="/",
                          env={"PATH": os.environ["PATH"], "LANGUAGES_DIR": open_languages})
    assert done.returncode == 125 and "need root" in done.stderr and "SANDBOX_SOCKET" in done.stderr
