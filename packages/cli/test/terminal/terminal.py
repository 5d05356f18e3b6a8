"""Runs a command on a pseudo-terminal, types at set moments, and prints what the terminal showed, as JSON.

argv: a JSON list of [after, text]: `text` is typed once the output so far contains `after`. Then the command.
"""
import json, os, pty, select, sys, time

steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

shown = b""
ends_at = time.monotonic() + 60
while time.monotonic() < ends_at:
    while steps and steps[0][0].encode() in shown:
        os.write(terminal, steps.pop(0)[1].encode())
    ready, _, _ = select.select([terminal], [], [], 0.05)
    if not ready:
        continue
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    shown += data
_, status = os.waitpid(pid, 0)
print(json.dumps({"shown": shown.decode(errors="replace"), "code": os.waitstatus_to_exitcode(status)}))
