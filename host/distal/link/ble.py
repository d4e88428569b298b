"""Cuffs over Bluetooth Low Energy with bleak: the system's own stack, or any backend given to it."""

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)

from distal.errors import BluetoothOff, CuffNotFound, LinkError, LinkLost
from distal.link.base import (
    COMMAND_TIMEOUT_S,
    Fetched,
    Found,
    Inbox,
    Kept,
    Keys,
    Response,
    build_command,
    read_info,
    refusal,
    strongest_first,
)
from distal.link.fetch import Fetches
from distal.link.prove import Read, Value, authenticate, is_private
from distal.model import Received
from distal_wire import batch, spec

CONNECT_TIMEOUT_S = 15.0
SUBSCRIBE_TIMEOUT_S = 8.0  # four requests; a cuff that forgot one is better called anew than waited for
_NO_ADAPTER = (
    "no Bluetooth adapter answers. Switch Bluetooth on, or name an adapter with DISTAL_HCI "
    "(for example DISTAL_HCI=usb:0)."
)
_REASONS = {
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: "this Bluetooth adapter cannot connect to cuffs. "
    "Use one with Bluetooth Low Energy.",
    BleakBluetoothNotAvailableReason.POWERED_OFF: "Bluetooth is switched off. Switch it on.",
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: "this program may not use Bluetooth. "
    "Allow it in the system's privacy settings.",
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: "the system forbids Bluetooth. "
    "Ask who runs this computer.",
}


@asynccontextmanager
async def open_radio(keys: Keys | None = None) -> AsyncIterator["BleRadio"]:
    """The computer's Bluetooth, or the controller that DISTAL_HCI names (a Bumble transport)."""
    transport = os.environ.get("DISTAL_HCI")
    if not transport:
        yield BleRadio(keys=keys)
        return
    try:
        from distal.link.hci import open_backend
    except ModuleNotFoundError as error:
        text = f"DISTAL_HCI needs the package {error.name}. Install it with: pip install 'distal[virtual]'"
        raise BluetoothOff(text) from None
    backend = await open_backend(transport)
    try:
        yield BleRadio(backend, keys)
    finally:
        await backend.close()


class BleRadio:
    """Finds and connects cuffs; `backend` has bleak's `scanner` and `client` classes, None: the system's.

    With `keys` each connection begins with the proof of the cuff's key, if the cuff wants one; without, a
    provisioned cuff shows its info and obeys nothing.
    """

    def __init__(self, backend: Any = None, keys: Keys | None = None) -> None:
        self._keys = keys
        self._scanner: dict[str, Any] = {"backend": backend.scanner} if backend else {}
        self._client: dict[str, Any] = {"backend": backend.client} if backend else {}

    async def scan(
        self, timeout_s: float, enough: int | None = None, meant: Collection[str] = ()
    ) -> list[Found]:
        """Listen for cuffs; see base.Radio."""
        heard: dict[str, Found] = {}
        done = asyncio.Event()

        def hear(ble: BLEDevice, advertisement: AdvertisementData) -> None:
            name = advertisement.local_name or ble.name or "?"
            heard[ble.address] = Found(ble.address, name, advertisement.rssi, ble)
            if enough is not None and sum(not meant or one in meant for one in heard) >= enough:
                done.set()

        scanner = BleakScanner(hear, service_uuids=[spec.SERVICE], **self._scanner)
        try:
            async with scanner:
                with suppress(TimeoutError):
                    async with asyncio.timeout(timeout_s):
                        await done.wait()
        except (BleakError, OSError) as error:
            raise _explain(error) from error
        return strongest_first(list(heard.values()))

    async def connect(self, found: Found, inbox: Inbox) -> "CuffLink":
        """Connect, read info, subscribe, prove the key; see base.Radio.

        raises  CuffLocked, WrongKey, FalseCuff too, where keys are given
        """
        link = CuffLink(found, inbox)
        try:
            await link.open(self._client)
            if self._keys:
                await authenticate(link, self._keys(link.info.cuff))
        except BleakDeviceNotFoundError as error:
            text = f"{found.name} ({found.address}) does not answer. Bring it closer, or wake it."
            raise CuffNotFound(text) from error
        except (BleakError, OSError, TimeoutError) as error:
            await link.close()
            raise _explain(error, found) from error
        except BaseException:
            await link.close()
            raise
        return link

    async def close(self) -> None:
        """Nothing to let go of: bleak opens the adapter for each scan and connection."""


class CuffLink:
    """One connected cuff; see base.Link."""

    def __init__(self, found: Found, inbox: Inbox) -> None:
        self.name = found.name
        self.mtu = 23
        self.dropped = 0
        self.lost = asyncio.Event()
        self._found = found
        self._inbox = inbox
        self._cuff = found.address
        self._seq = 0
        self._answers: asyncio.Queue[Received] = asyncio.Queue()
        self._one_at_a_time = asyncio.Lock()
        self._client: BleakClient | None = None
        self._fetches = Fetches(self)

    async def open(self, options: dict[str, Any]) -> None:
        """Connect and subscribe; what came before the info stays out of the inbox."""
        target = self._found.handle or self._found.address
        self._client = BleakClient(
            target, lambda _client: self.lost.set(), timeout=CONNECT_TIMEOUT_S, **options
        )
        await self._client.connect()
        with warnings.catch_warnings():
            # BlueZ tells the size only to who asks it privately; the cuff itself refuses a small one
            warnings.simplefilter("ignore", UserWarning)
            self.mtu = self._client.mtu_size
        async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
            await self._subscribe(self._client)

    async def _subscribe(self, client: BleakClient) -> None:
        """Read the info, then let messages come."""
        self.info_bytes = bytes(await client.read_gatt_char(spec.INFO_VALUE))
        self.info = read_info(self.info_bytes)
        self._cuff = self.info.cuff
        self._receive(self.info_bytes)
        await client.start_notify(spec.CONTROL, self._on_control)
        await client.start_notify(spec.STREAM, self._on_stream)
        self._fetches.is_possible = client.services.get_characteristic(spec.KEPT_VALUE) is not None
        if self._fetches.is_possible:
            await client.start_notify(spec.KEPT_VALUE, self._on_kept)

    @property
    def address(self) -> str:
        """Where it was heard."""
        return self._found.address

    def _on_stream(self, _characteristic: object, data: bytearray) -> None:
        self._receive(bytes(data))

    def _on_kept(self, _characteristic: object, data: bytearray) -> None:
        self._fetches.hear(self._receive(bytes(data)))

    def _on_control(self, _characteristic: object, data: bytearray) -> None:
        received = self._receive(bytes(data))
        self._fetches.refuse(received)
        self._answers.put_nowait(received)

    def _receive(self, data: bytes) -> Received:
        received = Received(self._cuff, asyncio.get_running_loop().time(), data)
        try:
            if not is_private(data):
                self._inbox.put_nowait(received)
        except asyncio.QueueFull:
            self.dropped += 1
        return received

    def next_seq(self) -> int:
        """A number for the next question: its answer carries it."""
        self._seq = (self._seq + 1) % 256
        return self._seq

    async def command(self, op: int, key: int = 0, value: int = 0) -> Response:
        """Ask the cuff and wait for the answer with the same number; see base.Link."""
        seq = self.next_seq()
        return await self.exchange(
            build_command(op, seq, key, value), lambda received, t_sent: _read_response(received, seq, t_sent)
        )

    async def fetch(self, boot: int, first: int, count: int) -> Fetched:
        """See base.Link."""
        return await self._fetches.range(boot, first, count)

    async def kept(self) -> Kept:
        """See base.Link."""
        return await self._fetches.kept()

    async def release(self, boot: int, end: int) -> None:
        """See base.Link."""
        await self._fetches.release(boot, end)

    async def send(self, message: bytes) -> None:
        """Write on `control`, whose answer comes elsewhere. raises LinkLost"""
        await self._in_turn(lambda: self._write(message))

    async def exchange(self, message: bytes, read: Read[Value]) -> Value:
        """Write on `control`; the first answer that `read` makes something of. raises LinkLost"""
        return await self._in_turn(lambda: self._ask(message, read))

    async def _in_turn(self, step: Callable[[], Awaitable[Value]]) -> Value:
        async with self._one_at_a_time:
            try:
                # not wait_for: before Python 3.12 it forgets a cancellation that comes as its step ends
                async with asyncio.timeout(COMMAND_TIMEOUT_S):
                    return await step()
            except TimeoutError:
                text = f"{self.name} is connected but does not answer. Switch it off and on."
                raise LinkLost(text) from None
            except (BleakError, OSError) as error:
                raise _explain(error, self._found) from error

    async def _write(self, message: bytes) -> None:
        if self._client is None or self.lost.is_set():
            raise LinkLost(f"{self.name} is not connected. Connect first.")
        await self._client.write_gatt_char(spec.CONTROL, message, response=True)

    async def _ask(self, message: bytes, read: Read[Value]) -> Value:
        t_sent = asyncio.get_running_loop().time()
        await self._write(message)
        while True:
            answer = read(await self._next_answer(), t_sent)
            if answer is not None:
                return answer

    async def _next_answer(self) -> Received:
        """The next message on `control`; LinkLost when the link ends first."""
        answer = asyncio.ensure_future(self._answers.get())
        lost = asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait((answer, lost), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise LinkLost(f"the link to {self.name} was lost. Bring it closer.")
            return answer.result()
        finally:
            answer.cancel()
            lost.cancel()

    async def close(self) -> None:
        """Disconnect; see base.Link."""
        if self._client and self._client.is_connected:
            with suppress(BleakError, OSError, TimeoutError):
                await self._client.disconnect()
        self.lost.set()


def _read_response(received: Received, seq: int, t_sent: float) -> Response | None:
    """The answer to command `seq`; None for another message. raises CommandRefused"""
    data = received.data
    if batch.check(data) or data[0] != spec.KIND_RESPONSE:
        return None
    answer = batch.read(data)
    if answer["seq"] != seq:
        return None
    if answer["error"] != spec.OK:
        raise refusal(answer["op"], answer["error"], answer["detail"])
    return Response(answer["op"], answer["index"], answer["clock"], answer["detail"], t_sent, received.t_host)


def _explain(error: Exception, found: Found | None = None) -> LinkError:
    """Turn what a Bluetooth stack raises into one line that says what to do."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return BluetoothOff(_REASONS.get(error.reason, _NO_ADAPTER))
    if isinstance(error, BleakDBusError):
        details = error.dbus_error_details or error.dbus_error
        if "ServiceUnknown" in error.dbus_error or "NotReady" in error.dbus_error:
            return BluetoothOff(_NO_ADAPTER)
        return LinkLost(f"Bluetooth answered: {details}. Try again, or switch Bluetooth off and on.")
    if found is None:
        return BluetoothOff(_NO_ADAPTER)
    what = str(error) or type(error).__name__
    return LinkLost(f"the link to {found.name} failed ({what}). Bring it closer and try again.")
