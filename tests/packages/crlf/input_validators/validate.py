import sys

text = sys.stdin.buffer.read()
sys.exit(42 if text.endswith(b"\r\n") else "the input lost a byte")
