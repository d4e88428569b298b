"""Virtual cuffs with everything around them: real firmware, registers, radio, and a central to reach them.

    async with VirtualRig([CuffSetup(motion, side="left")]) as rig:
        async with BleakScanner(backend=rig.backend.scanner) as scanner: ...

All time is the running loop's: `clockloop.run(main(), speed=math.inf)` makes it virtual.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from bumble import hci
from bumble.device import Device

from distal.errors import VirtualError
from distal.link.hci import Backend, backend_on
from distal.model import Side
from distal.virtual import bus
from distal.virtual.air import Air, RadioFaults
from distal.virtual.bus import BusClock, Port
from distal.virtual.controller import AirController
from distal.virtual.gatt_board import GattBoard, RadioStats
from distal.virtual.hci_server import HciServer
from distal.virtual.interpreter import Interpreter, Program
from distal.virtual.lsm6dso32 import ADDRESS, ImuFaults, Lsm6dso32, Motion, World
from distal.virtual.nor import NorFlash
from distal.virtual.peripherals import RING_BYTES, Peripherals

__all__ = ["CuffSetup", "ImuFaults", "RadioFaults", "VirtualCuff", "VirtualRig"]

CENTRAL = "C0:D1:57:A1:00:01"  # random static address of the rig's central
GUEST = "C0:D1:57:A1:01:00"  # public addresses of lent controllers count up from here
# GPIO of the IMU's INT1: pin D2 of each XIAO by the schematic
INT1_PINS = {"xiao_esp32s3": 3, "xiao_esp32c3": 4, "xiao_esp32c6": 2}
BUTTON_PINS = {"xiao_esp32s3": 2, "xiao_esp32c3": 3, "xiao_esp32c6": 1}  # D1; closed to ground


@dataclass(frozen=True, slots=True)
class CuffSetup:
    """One cuff: what it feels, how it was provisioned, what is wrong with it."""

    motion: Motion
    side: Side | None = None
    mass_g: int = 0
    name: str | None = None  # advertised; None: the firmware makes one
    key: bytes | None = None  # 32 bytes; None: it obeys everybody
    board: str = "xiao_esp32s3"
    imu: ImuFaults = field(default_factory=ImuFaults)
    rate_hz: int = 208
    acc_range_g: int = 32
    gyr_range_dps: int = 2000
    distance_m: float = 2.0  # from the central
    ticks_us: int = 0  # of the cuff's clock at boot
    flash_bytes: int = RING_BYTES  # of the flash ring's partition; 0: a board without one
    script: Path | None = None  # another program than the firmware
    unique_id: bytes | None = None  # of its chip, 6 bytes; None: by its place in the rig
    files: Path | None = None  # run these, as `distal flash` left them on a board; board and IMU as they say

    def provisioning(self) -> dict[str, object]:
        """What a provisioned cuff finds in its cuff.json."""
        facts: dict[str, object] = {
            "board": self.board,
            "side": self.side,
            "mass_g": self.mass_g,
            "imu": "LSM6DSO32",
            "rate_hz": self.rate_hz,
            "acc_range_g": self.acc_range_g,
            "gyr_range_dps": self.gyr_range_dps,
        }
        if self.name is not None:
            facts["name"] = self.name
        if self.key is not None:
            facts["key"] = self.key.hex()
        return facts


@dataclass(frozen=True, slots=True)
class Host:
    """A computer on the air."""

    controller: AirController
    backend: Backend


class VirtualCuff:
    """One cuff of a rig, and what a test may do to it."""

    def __init__(self, index: int, setup: CuffSetup, air: Air, world: World, folder: Path) -> None:
        loop = asyncio.get_running_loop()
        self.setup = setup
        self.port = Port(index, BusClock(loop, setup.ticks_us), setup.unique_id)
        self.board = Peripherals(self.port, loop)
        self.imu = Lsm6dso32(setup.motion, world, setup.imu)
        self.board.i2c.chips[ADDRESS] = self.imu
        if setup.board in INT1_PINS:
            self.board.pins.connect(INT1_PINS[setup.board], self.imu)
        self.flash = self.board.flash
        self.flash.nor = NorFlash(setup.flash_bytes) if setup.flash_bytes else None
        self.flash.on_cut = self.power_off
        self.radio = GattBoard(self.port, air, f"cuff {index}", setup.distance_m)
        self.folder = folder  # the cuff's file system
        program = Program(script=setup.script, firmware=folder if setup.files else None)
        # written once, by us: what the firmware changes in it outlives a reboot
        if setup.files:
            shutil.copytree(setup.files, folder)
        else:
            folder.mkdir()
            (folder / "cuff.json").write_text(json.dumps(setup.provisioning()), encoding="utf-8")
        self.interpreter = Interpreter(self.board, folder, program)
        self.interpreter.on_boot = self.radio.silence

    @property
    def address(self) -> str:
        """The Bluetooth address, as a scan shows it."""
        return self.radio.controller.public_address.to_string(with_type_qualifier=False)

    @property
    def cuff(self) -> str:
        """Its id, as the host shows it."""
        return self.port.unique_id.hex()

    @property
    def taken(self) -> int:
        """Samples that the IMU has put into its FIFO since power on, lost ones too."""
        return self.imu.taken

    @property
    def stats(self) -> RadioStats:
        """Counters of the radio."""
        return self.radio.stats

    def move_out_of_range(self) -> None:
        """Nothing is heard any more, either way."""
        self.radio.controller.in_range = False

    def move_into_range(self) -> None:
        """Within reach again."""
        self.radio.controller.in_range = True

    async def press_button(self, seconds: float = 0.15) -> None:
        """Hold the button for so long; 3 s open the pairing window."""
        pin = BUTTON_PINS[self.setup.board]
        self.board.pins.set(pin, 0)
        await asyncio.sleep(seconds)
        self.board.pins.set(pin, 1)

    def power_off(self) -> None:
        """The battery is taken out."""
        self.interpreter.stop()
        self.radio.silence()

    def cut_power_in(self, flash_bytes: int) -> None:
        """The power fails when the flash has programmed or erased so many bytes more."""
        assert self.flash.nor
        self.flash.nor.cut_in = flash_bytes

    def power_on(self) -> None:
        """The battery is put back; the firmware boots."""
        self.interpreter.reboot(bus.CAUSE_POWER_ON)

    def reboot(self, cause: int = bus.CAUSE_HARD) -> None:
        """The firmware starts anew, the IMU keeps its power."""
        self.interpreter.reboot(cause)


class VirtualRig:
    """Any number of cuffs and one central on one Air. `async with` starts and ends them."""

    def __init__(self, setups: Sequence[CuffSetup], radio: RadioFaults | None = None) -> None:
        self._setups = setups
        self._faults = radio or RadioFaults()
        self._folder = tempfile.TemporaryDirectory(prefix="distal-")
        self._guests: list[HciServer] = []
        self.hosts: list[Host] = []
        self.cuffs: list[VirtualCuff] = []
        self.world = World()
        self.air: Air
        self.backend: Backend

    async def __aenter__(self) -> "VirtualRig":
        self.air = Air(self._faults)
        self.backend = (await self.add_host()).backend
        root = Path(self._folder.name)
        try:
            for index, setup in enumerate(self._setups):
                cuff = VirtualCuff(index, setup, self.air, self.world, root / f"cuff{index}")
                self.cuffs.append(cuff)
                cuff.interpreter.start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def _end(self) -> None:
        try:
            for guest in self._guests:
                await guest.close()
            for host in self.hosts:
                await host.backend.close()
        finally:
            for cuff in self.cuffs:
                cuff.power_off()
            self._folder.cleanup()

    async def add_host(self) -> Host:
        """One more computer with a radio of its own."""
        number = len(self.hosts)
        address = CENTRAL if not number else CENTRAL[:-2] + f"{number:02X}"
        controller = AirController(self.air, f"central {number}" if number else "central", address)
        central = Device.with_hci("Distal host", hci.Address(address), controller, controller)
        await central.power_on()
        host = Host(controller, backend_on(central))
        self.hosts.append(host)
        return host

    def check(self) -> None:
        """Raise VirtualError if the program of a cuff has ended by itself."""
        for cuff in self.cuffs:
            if cuff.interpreter.died.done():
                raise cuff.interpreter.died.result()

    async def died(self) -> VirtualError:
        """Wait until the program of some cuff ends by itself; the error says why."""
        waiting = [cuff.interpreter.died for cuff in self.cuffs]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()

    async def serve_hci(self, tcp_port: int = 0, host: str = "127.0.0.1") -> int:
        """Lend one more controller to another process; returns the TCP port. Needs real time.

        The process reaches it with DISTAL_HCI=tcp-client:HOST:PORT.
        """
        number = len(self._guests)
        address = hci.Address(GUEST).to_string()[:-2] + f"{number:02X}"
        guest = HciServer(AirController(self.air, f"guest {number}", address))
        self._guests.append(guest)
        return await guest.start(tcp_port, host)
