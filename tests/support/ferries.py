"""A whole ADK project, as its tools write one: a ferry company's telephone."""

from __future__ import annotations

PROJECT = {
    "project.yaml": """\
region: uk-1
account_id: northsound
project_id: PROJECT-FERRY01
project_name: Northsound Ferries
""",
    "_gen/__init__.py": "from poly.types import *  # noqa\n",
    "agent_settings/languages.yaml": """\
default_language: en-GB
additional_languages:
- nb-NO
""",
    "agent_settings/persona.txt": "You answer the telephone of {{attr:harbour_name}}. You are patient and exact.\n",
    "agent_settings/rules.txt": """\
Say times as people say them.
If the weather is rough, call {{fn:check_sailing}} before you promise anything.
Whoever asks for a person goes to {{ho:booking_office}}.
After a booking, send {{twilio_sms:ticket_link}} to $caller_number.
""",
    "agent_settings/safety_filters.yaml": """\
categories:
  violence: {enabled: true, level: medium}
  hate: {enabled: true, level: strict}
  sexual: {enabled: true, level: strict}
  self_harm: {enabled: true, level: lenient}
""",
    "agent_settings/guardrails.yaml": """\
platform_guardrails:
- name: jailbreak_defence
  enabled: true
custom_guardrails:
- name: no weather forecasts
  enabled: true
  prompt: The caller asks what the weather will be like next week.
  action: Say that nobody knows yet, and offer {{fn:check_sailing}}.
""",
    "agent_settings/experimental_config.json": """\
{
  "asr": {"eager_final": true},
  "conversation_control": {"max_silence_count": 4}
}
""",
    "config/api_integrations.yaml": """\
api_integrations:
- name: sailings
  description: Timetable and free places
  environments:
    sandbox: {base_url: "https://sandbox.sailings.example", auth_type: none}
    pre_release: {base_url: "https://staging.sailings.example", auth_type: apiKey}
    live: {base_url: "https://sailings.example", auth_type: apiKey}
  operations:
  - name: find_sailing
    method: GET
    resource: /sailings/{day}
""",
    "config/entities.yaml": """\
entities:
- name: travel_day
  description: The day of the crossing
  entity_type: date
  config:
    relative_date: true
- name: passengers
  description: How many people travel
  entity_type: numeric
  config:
    has_decimal: false
    has_range: true
    min: 1
    max: 9
""",
    "config/handoffs.yaml": """\
handoffs:
- name: booking_office
  description: The people at the quay
  is_default: true
  sip_config:
    method: refer
    phone_number: '+441632960018'
  sip_headers:
  - key: X-Reason
    value: caller-asked
- name: goodbye
  description: Hang up
  is_default: false
  sip_config:
    method: bye
""",
    "config/mcp.yaml": """\
mcp_servers:
- provider_id: tides
  url: https://tides.example/mcp
  auth:
    header: Authorization
    secret_name: tides_token
  timeout: 10
  enabled_functions: []
""",
    "config/sms_templates.yaml": """\
sms_templates:
- name: ticket_link
  text: 'Your tickets, {{vrbl:caller_name}}: https://northsound.example/t'
  env_phone_numbers:
    sandbox: ''
    pre_release: ''
    live: '+447700900123'
""",
    "config/translations.yaml": """\
translations:
- name: farewell
  translations:
    en-GB: Have a smooth crossing.
    nb-NO: God tur.
""",
    "config/variant_attributes.yaml": """\
variants:
- name: East Quay
  is_default: true
- name: West Quay
attributes:
- name: harbour_name
  values:
    East Quay: the east quay
    West Quay: the west quay
- name: car_deck
  kind: boolean
  values:
    East Quay: true
    West Quay: false
""",
    "context/CONTEXT.md": "# Northsound Ferries\\n\\nTwo quays, four ships.\n",
    "voice/configuration.yaml": """\
greeting:
  welcome_message: Northsound Ferries at {{attr:harbour_name}}, how can I help?
  language_code: en-GB
style_prompt:
  prompt: Short sentences. Numbers one digit at a time.
disclaimer_messages:
  message: This call is recorded.
  enabled: true
  language_code: en-GB
filler_phrases:
  enabled: true
  phrases:
  - One moment.
  randomize: false
  initial_interval_seconds: 2.5
  interval_seconds: 5
background_ambience:
  enabled: false
  preset: office-ambiance
  loudness: -50
""",
    "voice/speech_recognition/asr_settings.yaml": """\
barge_in: false
interaction_style: balanced
""",
    "voice/speech_recognition/keyphrase_boosting.yaml": """\
keyphrases:
- keyphrase: Northsound
  level: maximum
- keyphrase: 2030
""",
    "voice/speech_recognition/transcript_corrections.yaml": """\
corrections:
- name: quay
  description: The quay is heard as a key
  regular_expressions:
  - regular_expression: \\b(east|west) key\\b
    replacement: \\1 quay
    replacement_type: full
""",
    "voice/response_control/pronunciations.yaml": """\
pronunciations:
- regex: \\bMV\\b
  replacement: motor vessel
  case_sensitive: true
""",
    "voice/response_control/phrase_filtering.yaml": """\
phrase_filtering:
- name: goodbye
  description: Ends the call after a farewell
  regular_expressions:
  - smooth crossing
  say_phrase: true
  function: end_call
""",
    "chat/configuration.yaml": """\
greeting:
  welcome_message: Hello from Northsound Ferries.
  language_code: en-GB
style_prompt:
  prompt: ''
""",
    "topics/timetable.yaml": """\
name: Timetable
enabled: true
tags:
- crossing
example_queries:
- When does the next ferry leave?
- Do you sail on Sundays?
content: |-
  Ferries leave every two hours from six in the morning.
  On Sundays the first one leaves at eight.
actions: |-
  Name the next two sailings only.

  ## If the weather is rough
  Call {{fn:check_sailing}}('next') first.
""",
    "topics/dogs_and_bicycles.yaml": """\
name: Dogs & bicycles
enabled: true
example_queries:
- Can I bring my dog?
content: Dogs travel free on the open deck.
actions: ''
""",
    "child_topics/west_quay/parking_at_the_west_quay.yaml": """\
name: Parking at the west quay
enabled: true
example_queries:
- Where can I park?
content: The meadow behind the quay is free.
actions: ''
""",
    "functions/start_function.py": """\
from _gen import *  # <AUTO GENERATED>


def start_function(conv: Conversation):
    conv.state.caller_name = ""
    if conv.sip_headers.get("X-Purpose") == "booking":
        conv.goto_flow("Book a crossing")
""",
    "functions/check_sailing.py": """\
from _gen import *  # <AUTO GENERATED>


@func_description("Find out whether a sailing goes ahead.")
@func_parameter("sailing", "Which sailing, such as 'next'")
def check_sailing(conv: Conversation, sailing: str):
    answer = conv.api.sailings.find_sailing(sailing)
    return f"The sailing {answer.json().get('state', 'is not known')}."
""",
    "functions/end_call.py": """\
from _gen import *  # <AUTO GENERATED>


@func_description("End the call after a farewell.")
def end_call(conv: Conversation):
    return {"hangup": True}
""",
    "flows/book_a_crossing/flow_config.yaml": """\
name: Book a crossing
description: Takes the day and the number of passengers, then books
start_step: Collect day
""",
    "flows/book_a_crossing/steps/collect_day.yaml": """\
step_type: default_step
name: Collect day
conditions:
- name: day is known
  condition_type: step_condition
  description: The caller has said on which day they travel
  child_step: Confirm
  required_entities:
  - travel_day
- name: changed their mind
  condition_type: exit_flow_condition
  description: The caller does not want to travel after all
extracted_entities:
- travel_day
- passengers
prompt: |-
  Ask on which day the caller wants to travel, and with how many people.
  So far: {{entity:travel_day}}, {{entity:passengers}}
""",
    "flows/book_a_crossing/steps/confirm.yaml": """\
step_type: advanced_step
name: Confirm
asr_biasing:
  is_enabled: true
  yes_no: true
  custom_keywords: [aye]
dtmf_config:
  is_enabled: true
  max_digits: 1
  end_key: '#'
vad: {vad_start: 0.2, vad_end: 0.8}
llm: {provider_model_id: polywhirl-3-5, reasoning_effort: low}
prompt: |-
  Repeat the day and the number of passengers for {{attr:harbour_name}}.
  After a clear yes call {{ft:crossing_confirmed}}. If the caller wants a person, say so to {{fn:end_call}}.
""",
    "flows/book_a_crossing/functions/crossing_confirmed.py": """\
from _gen import *  # <AUTO GENERATED>


@func_description("The caller has agreed to the day and the number of passengers.")
def crossing_confirmed(conv: Conversation, flow: Flow):
    flow.goto_step("reserve_places", "agreed")
""",
    "flows/book_a_crossing/function_steps/reserve_places.py": """\
from _gen import *  # <AUTO GENERATED>


def reserve_places(conv: Conversation, flow: Flow):
    if not conv.entities.travel_day:
        return {"transition": {"goto_flow": "Book a crossing", "goto_step": "Collect day"}}
    conv.exit_flow()
    return "The places are reserved. Ask whether there is anything else."
""",
    "test_suite/books_a_crossing.yaml": """\
name: Books a crossing
scenario: You want to travel tomorrow with two children.
channel: voice
language: en-GB
variant: West Quay
tags:
- smoke
simulated_at: 2030-01-15T09:30:00Z
caller_number: '+447700900456'
sip_headers:
  X-Purpose: booking
  X-Attempt: 2
integration_attributes:
  regular: true
api_mocks:
  sailings:
    find_sailing:
    - respond:
        status: 503
      repeat: 1
    - respond:
        status: 200
        body: {state: goes ahead}
        headers: {content-type: application/json}
prompt_assertions:
- The agent repeats the day before it books
function_call_assertions:
- name: crossing_confirmed
- name: check_sailing
  arguments:
  - parameter_name: sailing
    expected_value: next
    value_type: string
""",
}
