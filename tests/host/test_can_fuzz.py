"""Whatever is received: no exception, no request, no answer that is not the protocol's own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.can import Bench
from tests.host import can_decoder

KNOWN = (0x300, 0x301, 0x305, 0x306, 0x307, 0x1F000100, 0x0001001F, 0x18FF50E5)
FRAME = st.tuples(
    st.sampled_from(KNOWN) | st.integers(0, 0x1FFFFFFF), st.booleans(), st.binary(max_size=8)
)


# req: COM-04, COM-09
@pytest.mark.parametrize("key", sorted(can_decoder.FILES))
def test_any_received_frame_is_harmless(key):
    bench = Bench(key)
    before = bench.frames()

    @settings(max_examples=150)
    @given(st.lists(FRAME, max_size=8))
    def hear(frames):
        for id, extended, data in frames:
            alive = bench.hear(id, data.hex(), extended)
            assert alive in (True, False)
            assert not alive or (id in KNOWN and len(data) == 8)
        assert 0 <= bench.protocol.due < 1 << bench.protocol.frames
        bench.frames()  # what was asked for is sent once
        assert bench.frames() == before

    hear()
    assert bench.requests.submitted == []
