"""A Bot API server on loopback: takes what Telegram takes, refuses what it refuses.

Run by itself for a program in another process: `python -m tests.fakes.telegram_server 8081`.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import sys
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web

TOKEN = "100200:loopback-token-for-tests-only"
TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "blockquote",
}
ENTITIES = {"lt", "gt", "amp", "quot"}
MOST_CAPTION, MOST_NOTICE = 1024, 200
MOST_VISIBLE, MOST_RAW, MOST_ENTITIES, MOST_DATA = 4096, 32_768, 100, 64


class BadRequestError(Exception):
    """What Telegram answers with 400."""


class _Markup(HTMLParser):
    """Reads HTML as strictly as Telegram does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text: list[str] = []
        self.open: list[str] = []
        self.entities = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise BadRequestError(f'can\'t parse entities: Unsupported start tag "{tag}"')
        if tag == "blockquote" and "blockquote" in self.open:
            raise BadRequestError("can't parse entities: blockquotes can't be nested")
        self.open.append(tag)
        self.entities += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise BadRequestError(f'can\'t parse entities: Unsupported start tag "{tag}"')

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise BadRequestError(f'can\'t parse entities: Unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise BadRequestError('can\'t parse entities: Unsupported start tag ""')
        self.text.append(data)

    def handle_entityref(self, name: str) -> None:
        self.text.append(html.unescape(f"&{name};") if name in ENTITIES else f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text.append(html.unescape(f"&#{name};"))

    def handle_comment(self, data: str) -> None:
        raise BadRequestError("can't parse entities: comments are not supported")

    def handle_decl(self, decl: str) -> None:
        raise BadRequestError("can't parse entities: Unsupported start tag")

    def handle_pi(self, data: str) -> None:
        raise BadRequestError("can't parse entities: Unsupported start tag")


def visible_text(text: str, parse_mode: str | None) -> str:
    """Return what a reader sees; raise BadRequestError for what Telegram refuses."""
    if len(text.encode("utf-16-le", "surrogatepass")) and any(
        "\ud800" <= c <= "\udfff" for c in text
    ):
        raise BadRequestError("strings must be encoded in UTF-8")
    if len(text.encode()) > MOST_RAW:
        raise BadRequestError("text is too long")
    shown = text
    if parse_mode == "HTML":
        parser = _Markup()
        parser.feed(text)
        parser.close()
        if parser.open:
            raise BadRequestError(
                f"can't parse entities: Can't find end tag for \"{parser.open[-1]}\""
            )
        if parser.entities > MOST_ENTITIES:
            raise BadRequestError("too many entities")
        shown = "".join(parser.text)
    if not shown.strip():
        raise BadRequestError("message text is empty")
    if len(shown) > MOST_VISIBLE:
        raise BadRequestError("message is too long")
    return shown.strip()


def check_keyboard(markup: dict[str, Any] | None) -> None:
    """Raise BadRequestError for buttons that Telegram refuses."""
    rows = (markup or {}).get("inline_keyboard", [])
    for button in itertools.chain.from_iterable(rows):
        if not button.get("text", "").strip():
            raise BadRequestError("Text buttons are unallowed in the inline keyboard")
        data, url = button.get("callback_data"), button.get("url")
        if data is not None and not 1 <= len(data.encode()) <= MOST_DATA:
            raise BadRequestError("BUTTON_DATA_INVALID")
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https", "tg"} or "." not in (parts.hostname or ""):
                raise BadRequestError(
                    f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
                )
        if data is None and url is None:
            raise BadRequestError("BUTTON_TYPE_INVALID")


@dataclass(slots=True)
class Sent:
    """One message as it stands in a chat."""

    chat_id: int
    message_id: int
    text: str
    shown: str
    markup: dict[str, Any] | None
    at: float
    reply_to: int | None = None
    edits: list[str] = field(default_factory=list)
    file: bytes | None = None  # of a picture or document
    topic: int | None = None


@dataclass(slots=True)
class Fault:
    """How the next answer to a method goes wrong."""

    status: int = 200
    description: str = ""
    retry_after: int | None = None
    migrate_to: int | None = None
    body: str | None = None  # raw, instead of JSON
    accept: bool = False  # the message is stored all the same
    drop: bool = False  # the connection is closed without an answer
    delay: float = 0.0


class TelegramServer:
    """The server, in a thread of its own; use as a context manager."""

    def __init__(self, port: int = 0) -> None:
        self.messages: list[Sent] = []
        self.calls: Counter[str] = Counter()
        self.refused: list[str] = []
        self.menus: list[dict[str, Any]] = []
        self.notices: list[str] = []  # what was shown to whoever pressed a button
        self.chats_that_block: set[int] = set()
        self.lost_topics: set[int] = set()
        self.outage: Fault | None = None  # of every message, until it is over
        self.token_valid = True
        self._faults: dict[tuple[str, int | None], deque[Fault]] = {}
        self._updates: list[dict[str, Any]] = []
        self._update_ids = itertools.count(1)
        self._message_ids = itertools.count(1)
        self._polling: object | None = None  # the long poll that is open
        self._wanted_port = port
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    # --- for tests ---------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of_chat(self, chat_id: int) -> list[Sent]:
        return [each for each in self.messages if each.chat_id == chat_id]

    def answer_next(self, method: str, *faults: Fault, chat_id: int | None = None) -> None:
        self._faults.setdefault((method, chat_id), deque()).extend(faults)

    def says(self, chat_id: int, text: str, *, user_id: int | None = None, **more: Any) -> None:
        """Let a person write to the bot."""
        user = {
            "id": user_id or abs(chat_id),
            "is_bot": False,
            "first_name": "Ann",
            "language_code": more.pop("language_code", "en"),
        }
        kind = more.pop("kind", "private" if chat_id > 0 else "supergroup")
        chat = {"id": chat_id, "type": kind, "first_name": "Ann"}
        message = {
            "message_id": next(self._message_ids),
            "date": int(time.time()),
            "chat": chat,
            "from": user,
            "text": text,
            **more,
        }
        if text.startswith("/"):
            length = len(text.split()[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self._updates.append({"update_id": next(self._update_ids), "message": message})

    def posts(self, channel_id: int, text: str) -> None:
        """Let an administrator post in a channel: nobody is named as the author."""
        chat = {"id": channel_id, "type": "channel", "title": "Channel"}
        post = {
            "message_id": next(self._message_ids),
            "date": int(time.time()),
            "chat": chat,
            "sender_chat": chat,
            "text": text,
            "entities": [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}],
        }
        self._updates.append({"update_id": next(self._update_ids), "channel_post": post})

    def presses(
        self, message: Sent, data: str, *, user_id: int | None = None, name: str = "Ann"
    ) -> None:
        """Let a person press a button."""
        user = {"id": user_id or message.chat_id, "is_bot": False, "first_name": name}
        self._updates.append(
            {
                "update_id": next(self._update_ids),
                "callback_query": {
                    "id": str(next(self._update_ids)),
                    "from": user,
                    "chat_instance": "1",
                    "data": data,
                    "message": self._stored(message),
                },
            }
        )

    def leaves(self, chat_id: int) -> None:
        """Let a person block the bot."""
        me = {"id": 100200, "is_bot": True, "first_name": "Bot"}
        self.chats_that_block.add(chat_id)
        self._updates.append(
            {
                "update_id": next(self._update_ids),
                "my_chat_member": {
                    "chat": {"id": chat_id, "type": "private", "first_name": "Ann"},
                    "from": {"id": chat_id, "is_bot": False, "first_name": "Ann"},
                    "date": int(time.time()),
                    "old_chat_member": {"status": "member", "user": me},
                    "new_chat_member": {"status": "kicked", "user": me, "until_date": 0},
                },
            }
        )

    # --- the server ----------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/log", self._log)
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._wanted_port)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    async def _log(self, request: web.Request) -> web.Response:
        rows = [
            {"chat_id": m.chat_id, "text": m.text, "edits": len(m.edits), "at": m.at}
            for m in self.messages
        ]
        return web.json_response(rows)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        if not self.token_valid or request.match_info["token"] != TOKEN:
            return _error(401, "Unauthorized")
        given = await _parameters(request)
        chat_id = int(given["chat_id"]) if "chat_id" in given else None
        fault = self._next_fault(method, chat_id)
        if fault is None and method == "sendMessage":
            fault = self.outage
        if fault is not None:
            if fault.accept:
                self._act(method, given)
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.drop:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            if fault.body is not None:
                return web.Response(text=fault.body, status=fault.status)
            if fault.status != 200:
                return _error(fault.status, fault.description, fault.retry_after, fault.migrate_to)
        if method == "getUpdates":
            return await self._get_updates(given)
        try:
            return web.json_response({"ok": True, "result": self._act(method, given)})
        except BadRequestError as error:
            self.refused.append(f"{method}: {error}")
            return _error(400, f"Bad Request: {error}")
        except PermissionError as error:
            return _error(403, f"Forbidden: {error}")

    def _next_fault(self, method: str, chat_id: int | None) -> Fault | None:
        for key in ((method, chat_id), (method, None)):
            waiting = self._faults.get(key)
            if waiting:
                return waiting.popleft()
        return None

    async def _get_updates(self, given: dict[str, Any]) -> web.Response:
        """Answer a long poll; a second one cuts the first off with 409, as at Telegram."""
        offset = int(given.get("offset", 0))
        deadline = time.monotonic() + min(float(given.get("timeout", 0)), 2.0)
        self._polling = mine = object()
        while True:
            if self._polling is not mine:
                return _error(409, "Conflict: terminated by other getUpdates request")
            found = [each for each in self._updates if each["update_id"] >= offset]
            if found or time.monotonic() >= deadline:
                self._polling = None
                return web.json_response({"ok": True, "result": found})
            await asyncio.sleep(0.02)

    def _act(self, method: str, given: dict[str, Any]) -> Any:
        actions = {
            "getMe": self._me,
            "sendMessage": self._send,
            "editMessageText": self._edit,
            "editMessageReplyMarkup": self._edit_buttons,
            "sendPhoto": self._send_file,
            "sendDocument": self._send_file,
            "answerCallbackQuery": self._notice,
            "setMyCommands": self._menu,
            "getChatMember": self._member,
        }
        return actions[method](given) if method in actions else True

    def _me(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"id": 100200, "is_bot": True, "first_name": "Pledgewatch", "username": "pledge_bot"}

    def _menu(self, given: dict[str, Any]) -> bool:
        self.menus.append(given)
        return True

    def _member(self, given: dict[str, Any]) -> dict[str, Any]:
        user = {"id": int(given["user_id"]), "is_bot": False, "first_name": "Ann"}
        status = "administrator" if int(given["user_id"]) < 1000 else "member"
        if status == "member":
            return {"status": status, "user": user}
        rights = dict.fromkeys(
            (
                "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
                "can_manage_video_chats", "can_restrict_members", "can_promote_members",
                "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
                "can_delete_stories",
            ),
            False,
        )  # fmt: skip
        return {"status": status, "user": user, **rights}

    def _send(self, given: dict[str, Any]) -> dict[str, Any]:
        chat_id = int(given["chat_id"])
        if chat_id in self.chats_that_block:
            raise PermissionError("bot was blocked by the user")
        if int(given.get("message_thread_id", 0)) in self.lost_topics:
            raise BadRequestError("message thread not found")
        shown = visible_text(given.get("text", ""), given.get("parse_mode"))
        check_keyboard(given.get("reply_markup"))
        sent = Sent(
            chat_id=chat_id,
            message_id=next(self._message_ids),
            text=given["text"],
            shown=shown,
            markup=given.get("reply_markup"),
            at=time.monotonic(),
            reply_to=(given.get("reply_parameters") or {}).get("message_id"),
            topic=int(given["message_thread_id"]) if "message_thread_id" in given else None,
        )
        self.messages.append(sent)
        return self._stored(sent)

    def _edit(self, given: dict[str, Any]) -> dict[str, Any]:
        chat_id, message_id = int(given["chat_id"]), int(given["message_id"])
        found = [m for m in self.messages if (m.chat_id, m.message_id) == (chat_id, message_id)]
        if not found:
            raise BadRequestError("message to edit not found")
        shown = visible_text(given.get("text", ""), given.get("parse_mode"))
        check_keyboard(given.get("reply_markup"))
        sent = found[0]
        if given["text"] == sent.text and given.get("reply_markup") == sent.markup:
            raise BadRequestError("message is not modified")
        sent.edits.append(sent.text)
        sent.text, sent.shown, sent.markup = given["text"], shown, given.get("reply_markup")
        return self._stored(sent)

    def _edit_buttons(self, given: dict[str, Any]) -> dict[str, Any]:
        chat_id, message_id = int(given["chat_id"]), int(given["message_id"])
        found = [m for m in self.messages if (m.chat_id, m.message_id) == (chat_id, message_id)]
        if not found:
            raise BadRequestError("message to edit not found")
        check_keyboard(given.get("reply_markup"))
        if given.get("reply_markup") == found[0].markup:
            raise BadRequestError("message is not modified")
        found[0].markup = given.get("reply_markup")
        return self._stored(found[0])

    def _send_file(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take a picture or a document; its caption stands where a text would."""
        caption = given.get("caption", "")
        if len(visible_text(caption or "-", given.get("parse_mode"))) > MOST_CAPTION:
            raise BadRequestError("message caption is too long")
        kind = "photo" if "photo" in given else "document"
        upload = given[kind]
        contents = upload.file.read() if hasattr(upload, "file") else b""
        stored = self._send({**given, "text": caption or "-"})
        self.messages[-1].file = contents
        del stored["text"]
        stored["caption"] = caption
        size = {"file_id": "f", "file_unique_id": "f", "file_size": len(contents)}
        if kind == "photo":
            stored["photo"] = [{**size, "width": 1000, "height": 300}]
        else:
            stored["document"] = {**size, "file_name": getattr(upload, "filename", "")}
        return stored

    def _notice(self, given: dict[str, Any]) -> bool:
        text = str(given.get("text") or "")
        if len(text) > MOST_NOTICE:
            raise BadRequestError("MESSAGE_TOO_LONG")
        self.notices.append(text)
        return True

    def _stored(self, sent: Sent) -> dict[str, Any]:
        kind = "private" if sent.chat_id > 0 else "supergroup"
        return {
            "message_id": sent.message_id,
            "date": int(time.time()),
            "chat": {"id": sent.chat_id, "type": kind, "first_name": "Ann", "title": "Group"},
            "text": sent.shown,
            **({"reply_markup": sent.markup} if sent.markup else {}),
        }


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Return what was given, JSON in form fields read."""
    if request.content_type == "application/json":
        given: dict[str, Any] = await request.json()
        return given
    form = await request.post()
    given = dict(form) | dict(request.query)
    for name in ("reply_markup", "link_preview_options", "reply_parameters", "commands", "scope"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return given


def _error(
    status: int, description: str, retry_after: int | None = None, migrate_to: int | None = None
) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    parameters = {}
    if retry_after is not None:
        parameters["retry_after"] = retry_after
    if migrate_to is not None:
        parameters["migrate_to_chat_id"] = migrate_to
    if parameters:
        answer["parameters"] = parameters
    return web.json_response(answer, status=status)


def main() -> None:
    """Serve until interrupted."""
    with TelegramServer(int(sys.argv[1]) if len(sys.argv) > 1 else 8081) as server:
        sys.stdout.write(f"{server.url} token {TOKEN}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
