"""A real name server for tests: answers over UDP with the TXT records that it is given."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingUDPServer
from threading import Thread

from dns.flags import AA
from dns.message import from_wire, make_response
from dns.rcode import NXDOMAIN
from dns.rdatatype import RdataType
from dns.rrset import from_text_list

LOOPBACK = "127.0.0.1"


@contextmanager
def name_server(records: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Serve these records, a name's each as they are written in a zone; its address and port."""

    class Answering(BaseRequestHandler):
        def handle(self) -> None:
            asked, sock = self.request
            query = from_wire(asked)
            (question,) = query.question
            answer = make_response(query)
            answer.flags |= AA
            found = records.get(question.name.to_text(omit_final_dot=True))
            if found is None:
                answer.set_rcode(NXDOMAIN)
            elif question.rdtype is RdataType.TXT and found:
                answer.answer.append(from_text_list(question.name, 60, "IN", "TXT", found))
            sock.sendto(answer.to_wire(), self.client_address)

    with ThreadingUDPServer((LOOPBACK, 0), Answering) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"{LOOPBACK}:{server.server_address[1]}"
        server.shutdown()
        thread.join()
