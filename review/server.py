"""Serves an application on the running event loop."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext

import uvicorn
from starlette.applications import Starlette

from model.errors import SettingsError


class WebServer:
    """Serves an application on the running event loop, without touching signals."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        self._server = _QuietServer(
            uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False)
        )
        self._where = f"{host}:{port}"
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start serving; raise SettingsError where the port is taken."""
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                raise SettingsError(
                    (
                        f"PLEDGEWATCH_REVIEW_PORT: {self._where} cannot be listened on; "
                        "another program may use it",
                    )
                )
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop serving; what is being answered is answered first."""
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers and without its exit."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to the program."""
        return nullcontext()

    async def startup(self, sockets: object = None) -> None:
        """Start listening; a taken port ends `serve` instead of the process."""
        try:
            await super().startup(sockets)  # type: ignore[arg-type]
        except SystemExit:
            self.should_exit = True
