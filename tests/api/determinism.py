"""Submissions of every kind, for test_determinism.py: what is judged, and what must come of it whoever else is at work."""
import itertools

SUM = {
    "python": "print(sum(map(int, input().split())) + OFF)",
    "cpp": "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b + OFF << '\\n'; }",
    "c": "#include <stdio.h>\nint main(void) { long a, b; scanf(\"%ld %ld\", &a, &b); printf(\"%ld\\n\", a + b + OFF); }",
    "java": "class Sum { public static void main(String[] x) { var in = new java.util.Scanner(System.in);"
            " System.out.println(in.nextLong() + in.nextLong() + OFF); } }",
    "javascript": "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b + OFF);",
}
SUMS = [{"input": f"{a} {a * 7}", "answer": str(a * 8)} for a in range(4)]
LIMITS = {"cpu_time_ms": 1000, "wall_time_ms": 8000, "memory_mb": 128, "output_kb": 64}

CHECKER = """import sys
output, answer = sys.stdin.read().split(), open(sys.argv[2]).read().split()
open(sys.argv[3] + 'score_multiplier.txt', 'w').write('0.5') if output == answer and len(sys.argv) > 4 else None
sys.exit(42 if output == answer else 43)
"""
GUESS = """import sys
secret, asked = int(open(sys.argv[1]).read()), 0
for line in sys.stdin:
    asked += 1
    guess = int(line)
    print('right' if guess == secret else 'less' if secret < guess else 'more', flush=True)
    if guess == secret: sys.exit(42)
    if asked == 12: sys.exit(43)
sys.exit(43)
"""
HALVE = """low, high = 0, 1000
while True:
    guess = (low + high) // 2
    print(guess, flush=True)
    said = input()
    if said == 'right': break
    if said == 'less': high = guess - 1
    else: low = guess + 1
"""
TALK = {"tests": [{"input": str(n), "answer": ""} for n in (0, 500, 1000)], "interactive": True,
        "limits": {**LIMITS, "wall_time_ms": 4000},
        "validator": {"kind": "program", "program": {"language": "python", "code": GUESS}}}
PASSES = """import os, sys
given, folder = open(sys.argv[1]).read().split(), sys.argv[3]
said = sys.stdin.read().split()
if said != [str(int(given[0]) + 1)]: sys.exit(43)
if said[0] != '4': open(folder + 'nextpass.in', 'w').write(said[0])
sys.exit(42)
"""


def judged(code, language="python", **judge):
    return {"code": code, "language": language, "judge": {"tests": SUMS, "limits": LIMITS, **judge}}


def sums(language, off):
    return judged(SUM[language].replace("OFF", off), language)


def grouped(code, rules, settings, **more):
    tests = [{**test, "group": f"secret/{number // 2}", **more} for number, test in enumerate(SUMS)]
    return judged(code, tests=tests, groups={"rules": rules, "type": "scoring", "settings": settings}, early_stop=True)


HALF = "a, b = map(int, input().split())\nprint(a + b if a < 2 else 0)"
USE = "import time\nwhile time.process_time() < {}: pass\nprint(sum(map(int, input().split())))"
C = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void) {{ {} return 0; }}"

# A kind of submission, and its verdict. The number that each gets keeps sources apart, and so what is compiled.
KINDS = [
    (sums("python", "0"), "accepted"),
    (sums("cpp", "0"), "accepted"),
    (sums("c", "1"), "wrong_answer"),
    (judged(C.format("for (;;) ;"), "c", tests=SUMS[:1]), "time_limit_exceeded"),
    (judged(HALVE, **TALK), "accepted"),
    (grouped(HALF, "2025-09", {"secret/0": {"max_score": 40}, "secret/1": {"max_score": 60}}), "partial"),
    (judged(C.format("volatile char *p = malloc(300 << 20); for (long i = 0; i < 300 << 20; i += 4096) p[i] = 1;"), "c", tests=SUMS[:1]), "memory_limit_exceeded"),
    (judged("raise SystemExit(3)"), "runtime_error"),
    (judged("print(int(input().split()[0]) * 8)", validator={"kind": "program", "program": {"language": "python", "code": CHECKER}}),
     "accepted"),
    (judged("print(("), "compile_error"),
    (judged("print('0' * 70000)"), "output_limit_exceeded"),
    (judged("while True: print('0' * 1000)", tests=SUMS[:1]), "time_limit_exceeded"),
    # a small run has those above
    (sums("java", "0"), "accepted"),
    (sums("javascript", "1"), "wrong_answer"),
    (judged(C.format("abort();"), "c"), "runtime_error"),
    (judged(C.format("*(volatile int *)0 = 1;"), "c"), "runtime_error"),
    (judged("int main( {", "cpp"), "compile_error"),
    (judged("x = []\nwhile True: x.append(bytearray(1 << 20))", tests=SUMS[:1]), "memory_limit_exceeded"),
    (judged(USE.format(0.5)), "accepted"),
    (judged(USE.format(1.3), tests=SUMS[:1]), "time_limit_exceeded"),
    (judged("import time\ntime.sleep(30)", tests=SUMS[:1], limits={**LIMITS, "wall_time_ms": 1500}), "time_limit_exceeded"),
    (judged("import os, time\nwhile os.fork(): pass\ntime.sleep(9)", tests=SUMS[:1], limits={**LIMITS, "processes": 16}),
     "runtime_error"),
    (judged("for _ in range(20): print(7, flush=True); input()", **TALK),
     "wrong_answer"),
    (judged("input()", **{**TALK, "tests": TALK["tests"][:1]}), "time_limit_exceeded"),
    (judged("import os\nprint(1, flush=True)\nos.abort()", **TALK),
     "runtime_error"),
    (judged("print(int(input()) + 1)", tests=[{"input": "1", "answer": ""}], multipass=3,
            validator={"kind": "program", "program": {"language": "python", "code": PASSES}}), "accepted"),
    (judged("print(int(input()) + 1)", tests=[{"input": "1", "answer": ""}], multipass=2,
            validator={"kind": "program", "program": {"language": "python", "code": PASSES}}), "judge_error"),
    (judged("print(0)", validator={"kind": "program", "program": {"language": "python", "code": "raise SystemExit(1)"}}),
     "judge_error"),
    (grouped(HALF, "legacy", {"": {"on_reject": "continue", "grader_flags": "accept_if_any_accepted"}}), "accepted"),
    (grouped(HALF, "polygon", {"secret/0": {"points_policy": "complete-group", "points": 3}, "secret/1": {"points": 2}}, points=1),
     "partial"),
    (judged(HALF, early_stop=True), "wrong_answer"),
]


def submissions(count):
    """(name, body, what must come of it), as many as are wanted."""
    for number, (body, verdict) in zip(range(count), itertools.cycle(KINDS)):
        mark = {"python": "#", "javascript": "//"}.get(body["language"], "//")
        yield f"{number}", {**body, "code": f"{body['code']}\n{mark} {number}\n"}, verdict
