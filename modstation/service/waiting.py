"""The long poll's bell: whoever waits is woken when something was written."""

import asyncio
import threading


class Bell:
    """Wakes waiting exchanges. May be rung from any thread; those who wait may be in different event loops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.stopped = False

    async def wait(self, seconds: float) -> None:
        """Return when the bell is rung, or after `seconds`."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.add(entry)
        try:
            async with asyncio.timeout(seconds):
                await entry[1].wait()
        except TimeoutError:
            return
        finally:
            with self._lock:
                self._waiting.discard(entry)

    def ring(self) -> None:
        """Wake everyone who waits now."""
        with self._lock:
            for loop, rung in self._waiting:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(rung.set)

    def stop(self) -> None:
        """The service is about to stop: nobody shall wait any longer."""
        self.stopped = True
        self.ring()
