"""The sample side by side, to the letter."""

from __future__ import annotations

from textwrap import dedent

from compare.sample import sample
from gitagent.cli.compare_views.sides import side_by_side

AT_80 = """
    v3 → v7  11 files changed, 15 lines added, 11 removed

    ── agent.yaml ── modified +5 -4 ────────────────────────────────────────────────
          v3                               │       v7
      1   # The telephone of a small       │   1   # The telephone of a small
          restaurant                       │       restaurant
      2   name: harbour-table              │   2   name: harbour-table
      3   description: Takes bookings for  │   3   description: Takes bookings for
          the Harbour Table.               │       the Harbour Table.
      4   language: en-GB                  │   4   language: en-GB
      5 - greeting: Hello, you have        │   5 + greeting: Good evening, you
                    ^^^^^                  │                 ^^^^^^^^^^^^
        - reached the Harbour Table. How   │     + have reached the Harbour Table.
        - can I help?                      │     + How may I help you?
          ^^^                              │           ^^^       ^^^^
      6   prompt: prompt.md                │   6   prompt: prompt.md
      7   model:                           │   7   model:
      8     provider: openai               │   8     provider: openai
        … 2 unchanged lines
     11   voice:                           │  11   voice:
     12     provider: elevenlabs           │  12     provider: elevenlabs
     13     name: Charlotte                │  13     name: Charlotte
     14 -   speed: 1.0                     │  14 +   speed: 1.2
                   ^^^                     │                ^^^
     15   variables:                       │  15   variables:
     16     opening_hours: noon to ten     │  16     opening_hours: noon to ten
     17     largest_party: 8               │  17     largest_party: 8
     18 -   terrace: closed in winter      │
     19     kitchen_closes: half past nine │  18     kitchen_closes: half past nine
     20   handoffs:                        │  19   handoffs:
     21     - name: front desk             │  20     - name: front desk
     22       number: "+442079460018"      │  21       number: "+442079460018"
     23       sip_headers:                 │  22       sip_headers:
     24         X-Queue: bookings          │  23         X-Queue: bookings
     25     - name: manager                │  24     - name: manager
     26 -     number: "+442079460019"      │  25 +     number: "+442079460020"
                        ^^^^^^^^^^^^       │                     ^^^^^^^^^^^^
                                           │  26 +   - name: kitchen
                                           │  27 +     number: "+442079460021"

    ── logo.png ── modified ────────────────────────────────────────────────────────
      ! binary, 7 → 8 bytes

    ── notes.txt ── modified ───────────────────────────────────────────────────────
      ! line endings CRLF → LF

    ── prompt.md ── modified +2 -1 ─────────────────────────────────────────────────
          v3                               │       v7
      1   You answer the telephone of the  │   1   You answer the telephone of the
          Harbour Table, a small           │       Harbour Table, a small
          restaurant by the sea.           │       restaurant by the sea.
      2 - Be warm, brief and exact; never  │   2 + Be warm and brief, use the
                 ^^^^^^^     ^^^^^^        │                   ^^^^^^^^^^^^^^^
        - promise what the kitchen cannot  │     + guest's name, and never promise
                                           │       ^^^^^^^^^^^^^^^^^
        - keep.                            │     + what the kitchen cannot keep.
      3   Ask for the name, the number of  │   3   Ask for the name, the number of
          guests, the day and the time,    │       guests, the day and the time,
          in this order.                   │       in this order.
                                           │   4 + Hand over to the manager for
                                           │     + more than ${largest_party}
                                           │     + guests.
      4   Repeat the booking before you    │   5   Repeat the booking before you
          confirm it.                      │       confirm it.

    ── run tests ── modified ───────────────────────────────────────────────────────
      ! now executable

    ── tools/book.json ── modified +1 -1 ───────────────────────────────────────────
          v3                               │       v7
      1 - {"name": "book", "guests": 2}    │   1 + {"name": "book", "guests": 4}
                                     ^     │                                  ^

    ── topics/hours.yaml ── added +4 ───────────────────────────────────────────────
      1 + name: hours
      2 + example_queries:
      3 +   - when are you open
      4 + content: Noon to ten.

    ── topics/menu.yaml ── modified +1 -1 ──────────────────────────────────────────
      ! only comments and layout changed
          v3                               │       v7
      1   name: menu                       │   1   name: menu
      2 - # what we cook                   │   2 + # what the kitchen offers
                 ^^^^^^^                   │              ^^^^^^^^^^^^^^^^^^
      3   content: Fish.                   │   3   content: Fish.

    ── topics/old.yaml ── deleted -2 ───────────────────────────────────────────────
      1 - name: old
      2 - content: Gone.

    ── topics/car.yaml → topics/parking.yaml ── renamed +1 -1 ──────────────────────
          v3                               │       v7
      1   name: parking                    │   1   name: parking
      2 - enabled: true                    │   2 + enabled: false
                   ^^^^                    │                ^^^^^
      3   example_queries:                 │   3   example_queries:
      4     - where can I leave my car     │   4     - where can I leave my car
      5     - is there a car park          │   5     - is there a car park
      6   content: Behind the house, free  │   6   content: Behind the house, free
          for guests.                      │       for guests.

    ── topics/挨拶.yaml ── modified +1 -1 ──────────────────────────────────────────
          v3                               │       v7
      1   name: 挨拶                       │   1   name: 挨拶
      2 - content: こんにちは、ご予約でし  │   2 + content: こんばんは、ご予約でし
                       ^^^^                │                    ^^^^
        - ょうか。                         │     + ょうか。👩‍🍳
                                           │               ^^
    """

AT_100 = """
    v3 → v7  11 files changed, 15 lines added, 11 removed

    ── agent.yaml ── modified +5 -4 ────────────────────────────────────────────────────────────────────
          v3                                         │       v7
      1   # The telephone of a small restaurant      │   1   # The telephone of a small restaurant
      2   name: harbour-table                        │   2   name: harbour-table
      3   description: Takes bookings for the        │   3   description: Takes bookings for the
          Harbour Table.                             │       Harbour Table.
      4   language: en-GB                            │   4   language: en-GB
      5 - greeting: Hello, you have reached the      │   5 + greeting: Good evening, you have reached
                    ^^^^^                            │                 ^^^^^^^^^^^^
        - Harbour Table. How can I help?             │     + the Harbour Table. How may I help you?
                             ^^^                     │                              ^^^       ^^^^
      6   prompt: prompt.md                          │   6   prompt: prompt.md
      7   model:                                     │   7   model:
      8     provider: openai                         │   8     provider: openai
        … 2 unchanged lines
     11   voice:                                     │  11   voice:
     12     provider: elevenlabs                     │  12     provider: elevenlabs
     13     name: Charlotte                          │  13     name: Charlotte
     14 -   speed: 1.0                               │  14 +   speed: 1.2
                   ^^^                               │                ^^^
     15   variables:                                 │  15   variables:
     16     opening_hours: noon to ten               │  16     opening_hours: noon to ten
     17     largest_party: 8                         │  17     largest_party: 8
     18 -   terrace: closed in winter                │
     19     kitchen_closes: half past nine           │  18     kitchen_closes: half past nine
     20   handoffs:                                  │  19   handoffs:
     21     - name: front desk                       │  20     - name: front desk
     22       number: "+442079460018"                │  21       number: "+442079460018"
     23       sip_headers:                           │  22       sip_headers:
     24         X-Queue: bookings                    │  23         X-Queue: bookings
     25     - name: manager                          │  24     - name: manager
     26 -     number: "+442079460019"                │  25 +     number: "+442079460020"
                        ^^^^^^^^^^^^                 │                     ^^^^^^^^^^^^
                                                     │  26 +   - name: kitchen
                                                     │  27 +     number: "+442079460021"

    ── logo.png ── modified ────────────────────────────────────────────────────────────────────────────
      ! binary, 7 → 8 bytes

    ── notes.txt ── modified ───────────────────────────────────────────────────────────────────────────
      ! line endings CRLF → LF

    ── prompt.md ── modified +2 -1 ─────────────────────────────────────────────────────────────────────
          v3                                         │       v7
      1   You answer the telephone of the Harbour    │   1   You answer the telephone of the Harbour
          Table, a small restaurant by the sea.      │       Table, a small restaurant by the sea.
      2 - Be warm, brief and exact; never promise    │   2 + Be warm and brief, use the guest's name,
                 ^^^^^^^     ^^^^^^                  │                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        - what the kitchen cannot keep.              │     + and never promise what the kitchen cannot
                                                     │       ^^^
                                                     │     + keep.
      3   Ask for the name, the number of guests,    │   3   Ask for the name, the number of guests,
          the day and the time, in this order.       │       the day and the time, in this order.
                                                     │   4 + Hand over to the manager for more than
                                                     │     + ${largest_party} guests.
      4   Repeat the booking before you confirm it.  │   5   Repeat the booking before you confirm it.

    ── run tests ── modified ───────────────────────────────────────────────────────────────────────────
      ! now executable

    ── tools/book.json ── modified +1 -1 ───────────────────────────────────────────────────────────────
          v3                                         │       v7
      1 - {"name": "book", "guests": 2}              │   1 + {"name": "book", "guests": 4}
                                     ^               │                                  ^

    ── topics/hours.yaml ── added +4 ───────────────────────────────────────────────────────────────────
      1 + name: hours
      2 + example_queries:
      3 +   - when are you open
      4 + content: Noon to ten.

    ── topics/menu.yaml ── modified +1 -1 ──────────────────────────────────────────────────────────────
      ! only comments and layout changed
          v3                                         │       v7
      1   name: menu                                 │   1   name: menu
      2 - # what we cook                             │   2 + # what the kitchen offers
                 ^^^^^^^                             │              ^^^^^^^^^^^^^^^^^^
      3   content: Fish.                             │   3   content: Fish.

    ── topics/old.yaml ── deleted -2 ───────────────────────────────────────────────────────────────────
      1 - name: old
      2 - content: Gone.

    ── topics/car.yaml → topics/parking.yaml ── renamed +1 -1 ──────────────────────────────────────────
          v3                                         │       v7
      1   name: parking                              │   1   name: parking
      2 - enabled: true                              │   2 + enabled: false
                   ^^^^                              │                ^^^^^
      3   example_queries:                           │   3   example_queries:
      4     - where can I leave my car               │   4     - where can I leave my car
      5     - is there a car park                    │   5     - is there a car park
      6   content: Behind the house, free for        │   6   content: Behind the house, free for
          guests.                                    │       guests.

    ── topics/挨拶.yaml ── modified +1 -1 ──────────────────────────────────────────────────────────────
          v3                                         │       v7
      1   name: 挨拶                                 │   1   name: 挨拶
      2 - content: こんにちは、ご予約でしょうか。    │   2 + content: こんばんは、ご予約でしょうか。👩‍🍳
                       ^^^^                          │                    ^^^^                      ^^
    """


def test_side_by_side_in_80_columns() -> None:
    assert side_by_side(sample(), width=80, color=False) == dedent(AT_80).lstrip("\n")


def test_side_by_side_in_100_columns() -> None:
    assert side_by_side(sample(), width=100, color=False) == dedent(AT_100).lstrip("\n")
