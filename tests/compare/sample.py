"""A sample: one agent as it was, and as its owner left it after an afternoon's work."""

from __future__ import annotations

from compare.trees import Contents, between, file
from gitagent.agent.compare import Comparison
from gitagent.config.files import FileKind

_AGENT = """\
# The telephone of a small restaurant
name: harbour-table
description: Takes bookings for the Harbour Table.
language: en-GB
greeting: Hello, you have reached the Harbour Table. How can I help?
prompt: prompt.md
model:
  provider: openai
  name: gpt-4.1
  temperature: 0.3
voice:
  provider: elevenlabs
  name: Charlotte
  speed: 1.0
variables:
  opening_hours: noon to ten
  largest_party: 8
  terrace: closed in winter
  kitchen_closes: half past nine
handoffs:
  - name: front desk
    number: "+442079460018"
    sip_headers:
      X-Queue: bookings
  - name: manager
    number: "+442079460019"
"""

_NEW_AGENT = """\
# The telephone of a small restaurant
name: harbour-table
description: Takes bookings for the Harbour Table.
language: en-GB
greeting: Good evening, you have reached the Harbour Table. How may I help you?
prompt: prompt.md
model:
  provider: openai
  name: gpt-4.1
  temperature: 0.3
voice:
  provider: elevenlabs
  name: Charlotte
  speed: 1.2
variables:
  opening_hours: noon to ten
  largest_party: 8
  kitchen_closes: half past nine
handoffs:
  - name: front desk
    number: "+442079460018"
    sip_headers:
      X-Queue: bookings
  - name: manager
    number: "+442079460020"
  - name: kitchen
    number: "+442079460021"
"""

_PROMPT = """\
You answer the telephone of the Harbour Table, a small restaurant by the sea.
Be warm, brief and exact; never promise what the kitchen cannot keep.
Ask for the name, the number of guests, the day and the time, in this order.
Repeat the booking before you confirm it.
"""

_NEW_PROMPT = """\
You answer the telephone of the Harbour Table, a small restaurant by the sea.
Be warm and brief, use the guest's name, and never promise what the kitchen cannot keep.
Ask for the name, the number of guests, the day and the time, in this order.
Hand over to the manager for more than ${largest_party} guests.
Repeat the booking before you confirm it.
"""

_PARKING = """\
name: parking
enabled: true
example_queries:
  - where can I leave my car
  - is there a car park
content: Behind the house, free for guests.
"""

OLD: Contents = {
    "agent.yaml": _AGENT,
    "logo.png": b"\x89PNG\0\1\2",
    "notes.txt": "first\r\nsecond\r\n",
    "prompt.md": _PROMPT,
    "run tests": "gitagent test\n",
    "tools/book.json": '{"name": "book", "guests": 2}\n',
    "topics/car.yaml": _PARKING,
    "topics/menu.yaml": "name: menu\n# what we cook\ncontent: Fish.\n",
    "topics/old.yaml": "name: old\ncontent: Gone.\n",
    "topics/挨拶.yaml": "name: 挨拶\ncontent: こんにちは、ご予約でしょうか。\n",
}

NEW: Contents = {
    "agent.yaml": _NEW_AGENT,
    "logo.png": b"\x89PNG\0\1\2\3",
    "notes.txt": "first\nsecond\n",
    "prompt.md": _NEW_PROMPT,
    "run tests": file("gitagent test\n", FileKind.EXECUTABLE),
    "tools/book.json": '{"name": "book", "guests": 4}\n',
    "topics/hours.yaml": "name: hours\nexample_queries:\n  - when are you open\ncontent: Noon to ten.",
    "topics/menu.yaml": "name: menu\n# what the kitchen offers\ncontent: Fish.\n",
    "topics/parking.yaml": _PARKING.replace("true", "false"),
    "topics/挨拶.yaml": "name: 挨拶\ncontent: こんばんは、ご予約でしょうか。👩‍🍳\n",
}


def sample() -> Comparison:
    """The two compared."""
    return between(OLD, NEW)
