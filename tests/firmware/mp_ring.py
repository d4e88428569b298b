# The ring's account: what waits, what is offered again, what is lost.
from distal_cuff.ring import Ring


def make(slots):
    ring = Ring()
    ring.resize(slots)
    return ring


def push(ring, number, count=18):
    ring.filling()[4] = number
    ring.filling()[14] = count
    ring.push()


def take_all(ring):
    numbers = []
    while ring.oldest():
        numbers.append(ring.oldest()[4])
        ring.taken()
    return numbers


def test_packets_leave_in_the_order_in_which_they_came():
    ring = make(4)
    for number in range(20):
        push(ring, number)
        assert take_all(ring) == [number]
    assert ring.lost == 0


def test_full_ring_drops_the_oldest_and_counts_its_samples():
    ring = make(4)
    for number in range(7):
        push(ring, number, 18 if number else 5)
    assert ring.unsent == 4
    assert ring.lost == 5 + 18 + 18
    assert take_all(ring) == [3, 4, 5, 6]


def test_packets_already_sent_give_way_without_a_loss():
    ring = make(4)
    for number in range(4):
        push(ring, number)
    assert take_all(ring) == [0, 1, 2, 3]
    for number in range(4, 8):
        push(ring, number)
    assert ring.lost == 0
    assert take_all(ring) == [4, 5, 6, 7]


def test_after_a_lost_link_what_is_still_there_is_offered_again():
    ring = make(4)
    for number in range(5):
        push(ring, number)
        if number < 3:
            take_all(ring)
    ring.rewind()
    assert take_all(ring) == [1, 2, 3, 4]
    assert ring.lost == 0


def test_a_packet_offered_again_is_no_loss_when_it_gives_way():
    ring = make(3)
    for number in range(3):
        push(ring, number)
    take_all(ring)
    ring.rewind()
    push(ring, 3)
    push(ring, 4)
    assert ring.lost == 0
    push(ring, 5)
    push(ring, 6)
    assert ring.lost == 18  # number 3: no radio ever took it
    assert take_all(ring) == [4, 5, 6]


def test_clearing_counts_what_was_never_sent():
    ring = make(4)
    for number in range(3):
        push(ring, number)
    ring.taken()
    ring.clear()
    assert (ring.unsent, ring.lost) == (0, 36)


def test_resize_gives_and_takes_memory():
    ring = make(4)
    push(ring, 1)
    ring.resize(9)
    assert (ring.slots, ring.unsent, ring.lost) == (9, 0, 18)
    ring.resize(2)
    assert ring.slots == 2
    for number in range(9):
        push(ring, number)
    assert take_all(ring) == [7, 8]


def test_a_ring_without_memory_says_so_and_can_go_back():
    ring = make(4)
    try:
        ring.resize(1_000_000)
        raise AssertionError("a gigabyte on a cuff")
    except MemoryError:
        ring.resize(4)
    push(ring, 1)
    assert take_all(ring) == [1]
