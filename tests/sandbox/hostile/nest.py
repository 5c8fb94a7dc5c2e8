"""Folders in folders from Python, threads, and files where the interpreter of the next run would look first."""
import os
import threading

for name in ("/box/sitecustomize.py", "/box/os.py", "/tmp/usercustomize.py"):
    with open(name, "w") as planted:
        planted.write("print('planted')\n")
site = f"/box/.local/lib/python3.{os.sys.version_info.minor}/site-packages"
os.makedirs(site)
with open(site + "/planted.pth", "w") as planted:
    planted.write("import os; print('planted')\n")
for _ in range(500):
    os.mkdir("nested")
    os.chdir("nested")

threads = []
try:
    while len(threads) < 1000:
        thread = threading.Thread(target=threading.Event().wait, daemon=True)
        thread.start()
        threads.append(thread)
except RuntimeError:
    print("no more threads")
os.sys.stdout.flush()
os._exit(0 if len(threads) < 64 else 1)
