"""Nothing unsigned gets past the transport, and every failure says what a person can do about it."""

import base64
import ssl

import httpx2
import msgspec
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.core.problem import Problem
from modstation.sync import enrol, enrolment
from modstation.sync.failures import Blocked, Offline, Refused
from modstation.sync.transport import Transport
from modstation.wire.envelope import NONCE_HEADER, PROTOCOL_HEADER, SIGNATURE_HEADER, reply_bytes
from modstation.wire.exchange import EnrolReply, EnrolRequest, Held, ServiceCard, SyncRequest
from tests.conftest import Logged
from tests.support.scripted_service import ScriptedService, leased
from tests.support.station import HandClock

IDLE = SyncRequest(epoch="", cursor=0, room=0, held=Held(0, "0" * 64))
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


@pytest.fixture
def service() -> ScriptedService:
    return ScriptedService(HandClock())


def told(service: ScriptedService, answer: httpx2.Response) -> Problem:
    service.script.append(lambda _: answer)
    with pytest.raises(Problem) as raised:
        service.transport().sync(IDLE)
    return raised.value


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (200, Blocked, "sign-in"),
        (302, Blocked, "sign-in"),
        (511, Blocked, "sign-in"),
        (407, Blocked, "password"),
        (403, Blocked, "in the service's place"),
        (502, Offline, "not running"),
        (503, Offline, "not running"),
    ],
)
def test_an_unsigned_answer_is_explained_by_its_status(
    service: ScriptedService, status: int, kind: type[Problem], words: str
) -> None:
    problem = told(service, httpx2.Response(status, headers={"Location": "http://x.example"}, text="<html>"))
    assert isinstance(problem, kind)
    assert words in problem.title


def test_a_signed_refusal_keeps_its_code_and_status(service: ScriptedService) -> None:
    service.script.append(lambda _: service.problem(429, "request.slow_down"))
    with pytest.raises(Refused) as raised:
        service.transport().sync(IDLE)
    assert (raised.value.code, raised.value.status) == ("request.slow_down", 429)


def test_a_signature_for_another_status_is_not_believed(service: ScriptedService) -> None:
    def turned(_: SyncRequest) -> httpx2.Response:
        ok = service.signed(b"{}", 200)
        return httpx2.Response(401, headers=ok.headers, content=ok.content)

    service.script.append(turned)
    with pytest.raises(Blocked):
        service.transport().sync(IDLE)


def test_every_request_has_a_nonce_of_its_own(service: ScriptedService) -> None:
    seen: set[str] = set()
    for _ in range(5):
        service.transport().sync(IDLE)
        seen.add(service._nonce)
    assert len(seen) == 5
    assert all(16 <= len(nonce) <= 64 for nonce in seen)


def test_large_replies_travel_compressed_and_a_bomb_stops_at_the_limit(
    service: ScriptedService, logged: Logged
) -> None:
    large = [leased(n, f"item-{n}") for n in range(1, 40)]
    service.script.append(lambda asked: service.reply(asked, large))
    assert len(service.transport().sync(IDLE).changes) == 39
    bomb = zstandard.ZstdCompressor().compress(bytes(200 * 1024 * 1024))

    def exploding(_: SyncRequest) -> httpx2.Response:
        signature = base64.b64encode(service._key.sign(reply_bytes(service._nonce, 200, bomb))).decode()
        headers = {PROTOCOL_HEADER: "1", SIGNATURE_HEADER: signature, "Content-Encoding": "zstd"}
        return httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(bomb))

    service.client = httpx2.Client(transport=httpx2.MockTransport(lambda request: _noted(service, request, exploding)))
    with pytest.raises(Refused) as raised:
        service.transport().sync(IDLE)
    assert raised.value.code == "sync.malformed_reply"
    logged.expect("reply_malformed")


def _noted(service: ScriptedService, request: httpx2.Request, answer) -> httpx2.Response:
    service._nonce = request.headers[NONCE_HEADER]
    return answer(IDLE)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (httpx2.ConnectError("refused"), Offline, "sync.no_connection"),
        (httpx2.ConnectTimeout("slow"), Offline, "sync.no_connection"),
        (httpx2.ReadTimeout("silence"), Offline, "sync.stalled"),
        (httpx2.RemoteProtocolError("hung up"), Offline, "sync.no_connection"),
        (httpx2.ProxyError("403 Forbidden"), Blocked, "sync.proxy"),
        (httpx2.ProxyError("407 Proxy Authentication Required"), Blocked, "sync.proxy_password"),
    ],
)
def test_a_broken_connection_is_told_apart(error: Exception, kind: type[Problem], code: str) -> None:
    def fail(_: httpx2.Request) -> httpx2.Response:
        raise error

    transport = Transport(
        "http://127.0.0.1", None, "", HandClock(), httpx2.Client(transport=httpx2.MockTransport(fail))
    )
    with pytest.raises(kind) as raised:
        transport.card()
    assert raised.value.code == code


@pytest.mark.parametrize("proxy", ["socks://127.0.0.1:9/", "socks5://127.0.0.1:9", "proxy:port", "ftp://127.0.0.1"])
def test_a_proxy_that_can_not_be_used_is_told_in_words(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    for name in ("HTTPS_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Blocked) as raised:
        Transport("https://service.invalid", None, "", HandClock()).card()
    assert raised.value.code == "sync.proxy_setting"


def test_a_certificate_that_is_not_trusted_blocks_and_offers_no_way_round() -> None:
    def fail(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("tls") from ssl.SSLCertVerificationError("self-signed")

    client = httpx2.Client(transport=httpx2.MockTransport(fail))
    with pytest.raises(Blocked) as raised:
        Transport("https://service.example", None, "", HandClock(), client).card()
    assert raised.value.code == "sync.untrusted"


@pytest.mark.parametrize("address", ["http://service.example", "ftp://127.0.0.1", "http://127.0.0.1.example"])
def test_plain_http_is_for_this_machine_only(address: str) -> None:
    with pytest.raises(Problem) as raised:
        Transport(address, None, "", HandClock())
    assert raised.value.code == "sync.insecure_address"


def card_of(key: Ed25519PrivateKey) -> ServiceCard:
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return ServiceCard(name="A service", protocol=1, signing_key=public, sealing_key=public)


def serving(card: ServiceCard, key: Ed25519PrivateKey, enrolled: ServiceCard | None = None) -> httpx2.Client:
    def answer(request: httpx2.Request) -> httpx2.Response:
        body = msgspec.json.encode(card)
        if request.url.path == "/v1/enrol":
            asked = msgspec.json.decode(request.read(), type=EnrolRequest)
            assert len(base64.b64decode(asked.device_key)) == 32
            body = msgspec.json.encode(
                EnrolReply(
                    device_id="device-1",
                    token="t" * 40,
                    person_id="person-1",
                    person_name="Robin",
                    epoch="0" * 32,
                    card=enrolled or card,
                )
            )
        signature = base64.b64encode(key.sign(reply_bytes(request.headers[NONCE_HEADER], 200, body))).decode()
        headers = {PROTOCOL_HEADER: "1", SIGNATURE_HEADER: signature}
        return httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(body))

    return httpx2.Client(transport=httpx2.MockTransport(answer))


def test_enrolling_pins_the_keys_and_the_enrolment_survives_the_vault() -> None:
    client = serving(card_of(KEY), KEY)
    met = enrol.card("http://127.0.0.1:1/", HandClock(), client)
    assert met.fingerprint.count(" ") == 5
    made = enrol.enrol(met, " abcd-efgh ", "Desk", HandClock(), client=client)
    assert made.keys.signing == KEY.public_key().public_bytes_raw()
    assert enrolment.load(enrolment.dump(made)) == made
    assert made.token not in repr(made)


def answering(status: int, body: bytes, key: Ed25519PrivateKey | None, asked: list[bytes]) -> httpx2.Client:
    """To whatever is asked; signed when there is a key."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path.encode() + b" " + request.read())
        headers = {PROTOCOL_HEADER: "1"}
        if key is not None:
            signed = key.sign(reply_bytes(request.headers[NONCE_HEADER], status, body))
            headers[SIGNATURE_HEADER] = base64.b64encode(signed).decode()
        return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(body))

    return httpx2.Client(transport=httpx2.MockTransport(answer))


MET = enrol.Introduction("http://127.0.0.1:1", card_of(KEY), "")


def test_a_code_is_asked_about_as_it_was_issued_and_by_itself() -> None:
    asked: list[bytes] = []
    body = b'{"person_name": "Robin", "expires_at": "2026-11-21T10:00:00Z"}'
    good = enrol.check(MET, " abcd-efgh ", HandClock(), answering(200, body, KEY, asked))
    assert good is not None
    assert (good.person_name, good.expires_at.isoformat()) == ("Robin", "2026-11-21T10:00:00+00:00")
    assert asked == [b'/v1/enrol/check {"code":"ABCD-EFGH"}']


def test_an_older_service_that_cannot_be_asked_about_a_code_is_no_obstacle() -> None:
    body = b'{"code": "request.path", "title": "Not Found", "status": 404}'
    assert enrol.check(MET, "ABCD-EFGH", HandClock(), answering(404, body, KEY, [])) is None


@pytest.mark.parametrize(
    ("status", "body", "key", "kind"),
    [
        (403, b'{"code": "enrol.code_unknown", "title": "No.", "status": 403}', KEY, Refused),
        (404, b"<h1>Not found</h1>", None, Blocked),  # nobody knows who says so
        (404, b'{"code": "request.path", "title": "No.", "status": 404}', Ed25519PrivateKey.generate(), Blocked),
        (200, b'{"person_name": "Robin", "expires_at": "2026-11-21T10:00:00Z"}', None, Blocked),
        (503, b"", None, Offline),
    ],
)
def test_what_else_is_answered_about_a_code_is_a_problem(status, body, key, kind) -> None:
    with pytest.raises(Problem) as raised:
        enrol.check(MET, "ABCD-EFGH", HandClock(), answering(status, body, key, []))
    assert type(raised.value) is kind


def test_a_card_signed_by_another_key_is_a_stranger() -> None:
    client = serving(card_of(KEY), Ed25519PrivateKey.generate())
    with pytest.raises(Blocked):
        enrol.card("http://127.0.0.1:1", HandClock(), client)


@pytest.mark.parametrize("sealing_key", ["abc", "", "AAAA"])
def test_a_service_whose_sealing_key_is_none_is_told_in_words_before_a_code_is_used(sealing_key: str) -> None:
    client = serving(msgspec.structs.replace(card_of(KEY), sealing_key=sealing_key), KEY)
    with pytest.raises(Problem) as raised:
        enrol.card("http://127.0.0.1:1", HandClock(), client)
    assert (raised.value.code, raised.value.place) == ("sync.malformed_reply", "sealing_key")


def test_a_service_that_changes_its_keys_while_enrolling_is_refused() -> None:
    client = serving(card_of(KEY), KEY, enrolled=card_of(Ed25519PrivateKey.generate()))
    met = enrol.card("http://127.0.0.1:1", HandClock(), client)
    with pytest.raises(Problem) as raised:
        enrol.enrol(met, "ABCD-EFGH", "Desk", HandClock(), client=client)
    assert raised.value.code == "sync.other_service"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("desk.example.org", "https://desk.example.org"),
        ("desk.example.org:8443/modstation", "https://desk.example.org:8443/modstation"),
        ("127.0.0.1:8899", "http://127.0.0.1:8899"),
        ("Localhost:8899", "http://Localhost:8899"),
        ("[::1]:8899", "http://[::1]:8899"),
        ("::1", "http://[::1]"),
        ("127.0.0.1.example.org", "https://127.0.0.1.example.org"),
        ("http://desk.example.org", "http://desk.example.org"),
    ],
)
def test_an_address_without_a_scheme_is_a_protected_one_unless_it_is_this_machine(typed: str, meant: str) -> None:
    assert enrol.with_scheme(typed) == meant
