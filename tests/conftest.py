"""What both test files share: the agent file, and the real client in front of a stub of the Messages API."""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from claude_agent_sdk import ClaudeAgentOptions, SystemMessage, query
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

AGENT = Path(__file__).parents[1] / ".claude" / "agents" / "backend-engineer.md"
TEXT = AGENT.read_text(encoding="utf-8", errors="replace")  # whatever is wrong with it is for a test to say
# Tools that Claude Code has or had, each with the last client that had it (read off the tools that the clients grant).
TOOLS = dict.fromkeys(
    ["Read", "Write", "Edit", "NotebookEdit", "Grep", "Glob", "Bash", "WebFetch", "WebSearch", "Skill"]
)
TOOLS |= {"LS": (1, 0, 96), "MultiEdit": (1, 0, 128)}


@dataclass
class Session:
    """What one run of the client showed: its version, its `init` message, its requests to the model."""

    version: tuple[int, ...]
    init: dict
    requests: list[dict]

    def request_for(self, prompt: str) -> dict:
        """The first request of the conversation that `prompt` opened."""
        return next(r for r in self.requests if r.get("tools") and prompt in json.dumps(r["messages"][0]))


def run_client(home: Path, project: Path, prompt: str, *, delegate: str | None = None, **options) -> Session:
    """Run the client once, headless, in `project`, with its network on loopback alone.

    `delegate` is a task that the stubbed model gives to the agent; `options` are those of ClaudeAgentOptions. The
    client is the one that claude-agent-sdk carries, or that at the path in the variable CLAUDE_CLI. Raises the SDK's
    CLINotFoundError where there is none, TimeoutError after a minute. Source: https://code.claude.com/docs/en/settings
    """
    requests = []

    def answer(request: Request) -> Response:
        nonlocal delegate
        requests.append(body := request.get_json())
        spawning = {tool["name"] for tool in body.get("tools", [])} & {"Agent", "Task"}  # Task: up to 2.1.62
        if not (delegate and spawning and prompt in json.dumps(body["messages"][0])):
            return message(body, {"type": "text", "text": "done"})
        task = {"description": "task", "prompt": delegate, "subagent_type": AGENT.stem}
        delegate = None
        return message(body, {"type": "tool_use", "id": "toolu_1", "name": spawning.pop(), "input": task})

    async def init_message() -> dict:
        plain = {"setting_sources": ["user", "project"], "system_prompt": {"type": "preset", "preset": "claude_code"}}
        # Not the auto mode that some clients start in: it asks the model whether the delegation is safe.
        sdk = ClaudeAgentOptions(cli_path=cli, cwd=project, permission_mode="default", **plain, **options)
        seen = [m async for m in query(prompt=prompt, options=sdk)]
        return next(m.data for m in seen if isinstance(m, SystemMessage) and m.subtype == "init")

    cli = os.environ.get("CLAUDE_CLI") or None
    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request("/v1/messages", method="POST").respond_with_handler(answer)
        stub = server.url_for("").rstrip("/")
        clean = {"PATH": os.environ["PATH"], "HOME": str(home), "USERPROFILE": str(home), "ANTHROPIC_API_KEY": "dummy"}
        # As its proxy, the stub also gets, and refuses, whatever the client would say to another host.
        clean |= dict.fromkeys(["ANTHROPIC_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY"], stub) | {"NO_PROXY": "127.0.0.1"}
        quiet = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_ERROR_REPORTING"]
        clean |= dict.fromkeys([*quiet, "DISABLE_TELEMETRY"], "1")
        with mock.patch.dict(os.environ, clean, clear=True):  # the SDK hands on all that it finds
            init = asyncio.run(asyncio.wait_for(init_message(), timeout=60))
    return Session(tuple(map(int, init["claude_code_version"].split("."))), init, requests)


def message(request: dict, content: dict) -> Response:
    """The Messages API's answer with one block of content: https://docs.claude.com/en/api/messages-streaming"""
    stop = {"stop_reason": "tool_use" if content["type"] == "tool_use" else "end_turn", "stop_sequence": None}
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": [content]}
    whole |= stop | {"usage": {"input_tokens": 1, "output_tokens": 1}}
    if not request.get("stream"):
        return Response(json.dumps(whole), content_type="application/json")
    if content["type"] == "tool_use":
        block, delta = {"input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(content["input"])}
    else:
        block, delta = {"text": ""}, {"type": "text_delta", "text": content["text"]}
    events = [
        {"type": "message_start", "message": whole | {"content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": content | block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    return Response("".join(lines), content_type="text/event-stream")
