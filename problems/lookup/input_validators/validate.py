import re
import sys

WORD = "[a-z]{1,20}"
arguments = sys.argv[1:]
if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["back"]):
    sys.exit("a dictionary, and perhaps 'back'")
with open(arguments[0]) as file:
    text = file.read()
if not re.fullmatch(rf"(?:{WORD} {WORD}\n){{1,1000}}", text):
    sys.exit("the dictionary is not one")
for language in zip(*(line.split() for line in text.splitlines())):
    if len(language) != len(set(language)):
        sys.exit("a word is there twice")
if not re.fullmatch(rf"(?:{WORD}\n){{1,100}}", sys.stdin.read()):
    sys.exit("1 to 100 words")
sys.exit(42)
