"""
didkit as a peer: one JSON request a line, one answer a line.

A process of its own, for didkit may crash whoever imports it, most of all at the end.
Request: `{"call": name, "arguments": [texts]}`; answer: `{"ok": text}` or `{"error": text}`.
"""

import asyncio
import inspect
import json
import os
import sys

import didkit


async def call(name, arguments):
    answer = getattr(didkit, name)(*arguments)
    return await answer if inspect.isawaitable(answer) else answer


async def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": await call(request["call"], request["arguments"])}
        except didkit.DIDKitException as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.new_event_loop().run_until_complete(main())
    os._exit(0)
