"""A station made a member of a service without a screen, as the demo makes its own one."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.app import joining
from modstation.app.station import Station
from modstation.sync import enrol


def join(station: Station, address: str, code: str, passphrase: str = "") -> None:
    met, locks = enrol.card(address, station._clock), station._locks(passphrase)
    key = Ed25519PrivateKey.generate()
    joining.join(station._folder, met, code, joining.computer(), locks, station._clock, key)
