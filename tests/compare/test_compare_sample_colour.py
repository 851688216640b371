"""The sample in colour, with the colours' codes by name."""

from __future__ import annotations

from compare.sample import sample
from gitagent.cli.compare_views.keytable import keys
from gitagent.cli.compare_views.unified import unified

NAMES = {
    "1": "<bold>",
    "2": "<faint>",
    "31": "<red>",
    "32": "<green>",
    "33": "<yellow>",
    "36": "<cyan>",
    "31;7": "<RED>",
    "32;7": "<GREEN>",
    "0": "</>",
}
KEYS = (
    "<bold>v3 → v7</>  11 files changed, 15 lines added, 11 removed\n"
    "\n"
    "<bold>agent.yaml</>  modified +5 -4\n"
    "  <yellow>~</> <bold>greeting</>\n"
    '<red>      - </><red>"</><RED>Hello</><red>, you have reached the Harbour Table. How </><RED>can</>'
    '<red> I help?"</>\n'
    '<green>      + </><green>"</><GREEN>Good evening</>'
    "<green>, you have reached the Harbour Table. How </><GREEN>may</><green> I help</><GREEN> you</>"
    '<green>?"</>\n'
    "  <yellow>~</> <bold>voice.speed</>  <red>1.0</> → <green>1.2</>\n"
    '  <red>-</> <bold>variables.terrace</>  <red>"closed in winter"</>\n'
    '  <yellow>~</> <bold>handoffs[manager].number</>  <red>"+442079460019"</> → <green>"+442079460020"'
    "</>\n"
    "  <green>+</> <bold>handoffs[kitchen]</>\n"
    "<green>      + </><green>name: kitchen</>\n"
    '<green>      + </><green>number: "+442079460021"</>\n'
    "\n"
    "<bold>logo.png</>  modified\n"
    "<yellow>  ! binary, 7 → 8 bytes</>\n"
    "\n"
    "<bold>notes.txt</>  modified\n"
    "<yellow>  ! line endings CRLF → LF</>\n"
    "\n"
    "<bold>prompt.md</>  modified +2 -1\n"
    "<red>  - </><red>Be warm</><RED>, brief</><red> and </><RED>exact;</>"
    "<red> never promise what the kitchen cannot keep.</>\n"
    "<green>  + </><green>Be warm and </><GREEN>brief, use the guest's name, and</>"
    "<green> never promise what the kitchen cannot keep.</>\n"
    "<green>  + </><green>Hand over to the manager for more than ${largest_party} guests.</>\n"
    "\n"
    "<bold>run tests</>  modified\n"
    "<yellow>  ! now executable</>\n"
    "\n"
    "<bold>tools/book.json</>  modified +1 -1\n"
    "  <yellow>~</> <bold>guests</>  <red>2</> → <green>4</>\n"
    "\n"
    "<bold>topics/hours.yaml</>  added +4\n"
    '  <green>+</> <bold>name</>  <green>"hours"</>\n'
    "  <green>+</> <bold>example_queries</>\n"
    "<green>      + </><green>- when are you open</>\n"
    '  <green>+</> <bold>content</>  <green>"Noon to ten."</>\n'
    "\n"
    "<bold>topics/menu.yaml</>  modified +1 -1\n"
    "<yellow>  ! only comments and layout changed</>\n"
    "\n"
    "<bold>topics/old.yaml</>  deleted -2\n"
    '  <red>-</> <bold>name</>  <red>"old"</>\n'
    '  <red>-</> <bold>content</>  <red>"Gone."</>\n'
    "\n"
    "<bold>topics/car.yaml → topics/parking.yaml</>  renamed +1 -1\n"
    "  <yellow>~</> <bold>enabled</>  <red>true</> → <green>false</>\n"
    "\n"
    "<bold>topics/挨拶.yaml</>  modified +1 -1\n"
    '  <yellow>~</> <bold>content</>  <red>"こんにちは、ご予約でしょうか。"</> → '
    '<green>"こんばんは、ご予約でしょうか。👩‍🍳"</>\n'
)

UNIFIED = (
    "<bold>diff --git a/agent.yaml b/agent.yaml</>\n"
    "<bold>index 1822bd4..8c2027a 100644</>\n"
    "<bold>--- a/agent.yaml</>\n"
    "<bold>+++ b/agent.yaml</>\n"
    "<cyan>@@ -2,7 +2,7 @@</>\n"
    " name: harbour-table\n"
    " description: Takes bookings for the Harbour Table.\n"
    " language: en-GB\n"
    "<red>-</><red>greeting: </><RED>Hello</><red>, you have reached the Harbour Table. How </><RED>can"
    "</><red> I help?</>\n"
    "<green>+</><green>greeting: </><GREEN>Good evening</>"
    "<green>, you have reached the Harbour Table. How </><GREEN>may</><green> I help</><GREEN> you</>"
    "<green>?</>\n"
    " prompt: prompt.md\n"
    " model:\n"
    "   provider: openai\n"
    "<cyan>@@ -11,11 +11,10 @@</>\n"
    " voice:\n"
    "   provider: elevenlabs\n"
    "   name: Charlotte\n"
    "<red>-</><red>  speed: </><RED>1.0</>\n"
    "<green>+</><green>  speed: </><GREEN>1.2</>\n"
    " variables:\n"
    "   opening_hours: noon to ten\n"
    "   largest_party: 8\n"
    "<red>-</><red>  terrace: closed in winter</>\n"
    "   kitchen_closes: half past nine\n"
    " handoffs:\n"
    "   - name: front desk\n"
    "<cyan>@@ -23,4 +22,6 @@</>\n"
    "     sip_headers:\n"
    "       X-Queue: bookings\n"
    "   - name: manager\n"
    '<red>-</><red>    number: "+</><RED>442079460019</><red>"</>\n'
    '<green>+</><green>    number: "+</><GREEN>442079460020</><green>"</>\n'
    "<green>+</><green>  - name: kitchen</>\n"
    '<green>+</><green>    number: "+442079460021"</>\n'
    "\n"
    "<yellow># binary, 7 → 8 bytes</>\n"
    "<bold>diff --git a/logo.png b/logo.png</>\n"
    "<bold>index d0463d4..2ee55da 100644</>\n"
    "\n"
    "<yellow># line endings CRLF → LF</>\n"
    "<bold>diff --git a/notes.txt b/notes.txt</>\n"
    "<bold>index b952bf5..66a52ee 100644</>\n"
    "\n"
    "<bold>diff --git a/prompt.md b/prompt.md</>\n"
    "<bold>index 66b2e76..a94c413 100644</>\n"
    "<bold>--- a/prompt.md</>\n"
    "<bold>+++ b/prompt.md</>\n"
    "<cyan>@@ -1,4 +1,5 @@</>\n"
    " You answer the telephone of the Harbour Table, a small restaurant by the sea.\n"
    "<red>-</><red>Be warm</><RED>, brief</><red> and </><RED>exact;</>"
    "<red> never promise what the kitchen cannot keep.</>\n"
    "<green>+</><green>Be warm and </><GREEN>brief, use the guest's name, and</>"
    "<green> never promise what the kitchen cannot keep.</>\n"
    " Ask for the name, the number of guests, the day and the time, in this order.\n"
    "<green>+</><green>Hand over to the manager for more than ${largest_party} guests.</>\n"
    " Repeat the booking before you confirm it.\n"
    "\n"
    "<yellow># now executable</>\n"
    "<bold>diff --git a/run tests b/run tests</>\n"
    "<bold>old mode 100644</>\n"
    "<bold>new mode 100755</>\n"
    "\n"
    "<bold>diff --git a/tools/book.json b/tools/book.json</>\n"
    "<bold>index 491d38b..97c4f50 100644</>\n"
    "<bold>--- a/tools/book.json</>\n"
    "<bold>+++ b/tools/book.json</>\n"
    "<cyan>@@ -1 +1 @@</>\n"
    '<red>-</><red>{"name": "book", "guests": </><RED>2</><red>}</>\n'
    '<green>+</><green>{"name": "book", "guests": </><GREEN>4</><green>}</>\n'
    "\n"
    "<bold>diff --git a/topics/hours.yaml b/topics/hours.yaml</>\n"
    "<bold>new file mode 100644</>\n"
    "<bold>index 0000000..c857679</>\n"
    "<bold>--- /dev/null</>\n"
    "<bold>+++ b/topics/hours.yaml</>\n"
    "<cyan>@@ -0,0 +1,4 @@</>\n"
    "<green>+</><green>name: hours</>\n"
    "<green>+</><green>example_queries:</>\n"
    "<green>+</><green>  - when are you open</>\n"
    "<green>+</><green>content: Noon to ten.</>\n"
    "\\ No newline at end of file\n"
    "\n"
    "<yellow># only comments and layout changed</>\n"
    "<bold>diff --git a/topics/menu.yaml b/topics/menu.yaml</>\n"
    "<bold>index 637e719..f9eafd3 100644</>\n"
    "<bold>--- a/topics/menu.yaml</>\n"
    "<bold>+++ b/topics/menu.yaml</>\n"
    "<cyan>@@ -1,3 +1,3 @@</>\n"
    " name: menu\n"
    "<red>-</><red># what </><RED>we cook</>\n"
    "<green>+</><green># what </><GREEN>the kitchen offers</>\n"
    " content: Fish.\n"
    "\n"
    "<bold>diff --git a/topics/old.yaml b/topics/old.yaml</>\n"
    "<bold>deleted file mode 100644</>\n"
    "<bold>index 28f71bb..0000000</>\n"
    "<bold>--- a/topics/old.yaml</>\n"
    "<bold>+++ /dev/null</>\n"
    "<cyan>@@ -1,2 +0,0 @@</>\n"
    "<red>-</><red>name: old</>\n"
    "<red>-</><red>content: Gone.</>\n"
    "\n"
    "<bold>diff --git a/topics/car.yaml b/topics/parking.yaml</>\n"
    "<bold>rename from topics/car.yaml</>\n"
    "<bold>rename to topics/parking.yaml</>\n"
    "<bold>index ff1afb6..939a40e 100644</>\n"
    "<bold>--- a/topics/car.yaml</>\n"
    "<bold>+++ b/topics/parking.yaml</>\n"
    "<cyan>@@ -1,5 +1,5 @@</>\n"
    " name: parking\n"
    "<red>-</><red>enabled: </><RED>true</>\n"
    "<green>+</><green>enabled: </><GREEN>false</>\n"
    " example_queries:\n"
    "   - where can I leave my car\n"
    "   - is there a car park\n"
    "\n"
    '<bold>diff --git "a/topics/\\346\\214\\250\\346\\213\\266.yaml" "b/topics/\\346\\214\\250\\346\\213\\266.yaml"'
    "</>\n"
    "<bold>index b84ae1e..c18568f 100644</>\n"
    '<bold>--- "a/topics/\\346\\214\\250\\346\\213\\266.yaml"</>\n'
    '<bold>+++ "b/topics/\\346\\214\\250\\346\\213\\266.yaml"</>\n'
    "<cyan>@@ -1,2 +1,2 @@</>\n"
    " name: 挨拶\n"
    "<red>-</><red>content: こん</><RED>にち</><red>は、ご予約でしょうか。</>\n"
    "<green>+</><green>content: こん</><GREEN>ばん</><green>は、ご予約でしょうか。</><GREEN>👩‍🍳</>\n"
)


def named(text: str) -> str:
    for code, name in NAMES.items():
        text = text.replace(f"\x1b[{code}m", name)
    return text


def test_keys_in_colour() -> None:
    assert named(keys(sample(), width=100, color=True)) == KEYS


def test_the_patch_in_colour() -> None:
    assert named(unified(sample(), color=True)) == UNIFIED
