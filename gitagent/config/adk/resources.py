"""Models of what an ADK project's `config` folder defines: integrations, entities, handoffs, messages, variants."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gitagent.config.adk.base import AdkModel, Name, Scalar, Text, about


class ApiEnvironment(AdkModel):
    """An integration's address and kind of credentials in one environment."""

    base_url: Text = None
    auth_type: Text = None


class ApiOperation(AdkModel):
    """One request that an integration offers."""

    name: Name
    method: Text = None
    resource: Text = None


class ApiIntegration(AdkModel):
    """A service that functions call as `conv.api.<name>`."""

    name: Name
    description: Text = None
    environments: dict[str, ApiEnvironment | None] | None = None
    operations: list[ApiOperation] | None = None


class ApiIntegrations(AdkModel):
    """config/api_integrations.yaml."""

    api_integrations: list[ApiIntegration] | None = None


class EntityConfig(AdkModel):
    """What an entity's type asks for; each type reads its own keys."""

    has_decimal: bool | None = None
    has_range: bool | None = None
    min: float | None = None
    max: float | None = None
    enabled: bool | None = None
    validation_type: Text = None
    regular_expression: Text = None
    options: list[Scalar] | None = None
    relative_date: bool | None = None
    country_codes: list[str] | None = None
    start_time: Text = None
    end_time: Text = None


class Entity(AdkModel):
    """Something that a flow collects from the caller."""

    name: Name = Field(description="What prompts refer to as {{entity:…}}.")
    description: Text = about("What it is, for the model to recognise it.")
    entity_type: Text = about(
        "numeric, alphanumeric, enum, date, phone_number, time, address, free_text or name_config."
    )
    config: EntityConfig | None = about("What the type asks for.")


class Entities(AdkModel):
    """config/entities.yaml."""

    entities: list[Entity] | None = None


class SipConfig(AdkModel):
    """How a call is transferred."""

    method: Literal["invite", "refer", "bye"] = Field(
        description="invite for a new call, refer for a transfer, bye to hang up."
    )
    phone_number: Text = about("In E.164 form and in quotes.")
    outbound_endpoint: Text = about("Where an invite goes.")
    outbound_encryption: Text = about("TLS/SRTP or UDP/RTP, for an invite.")


class SipHeader(AdkModel):
    """One header that a transferred call carries."""

    key: Name
    value: Scalar | None = None


class Handoff(AdkModel):
    """Where a call can be transferred to."""

    name: Name = Field(description="What rules refer to as {{ho:…}}.")
    description: Text = about("What the handoff is for.")
    is_default: bool | None = about("Whether calls go here when no other handoff is named.")
    sip_config: SipConfig | None = about("How the call is transferred.")
    sip_headers: list[SipHeader] | None = about("Headers that the transferred call carries.")


class Handoffs(AdkModel):
    """config/handoffs.yaml."""

    handoffs: list[Handoff] | None = None


class McpOauth(AdkModel):
    """Client credentials; the secret itself stays in Agent Studio."""

    client_id: Text = None
    client_secret_name: Text = None
    token_url: Text = None
    audience: Text = None
    scope: Text = None


class McpAuth(AdkModel):
    """How a server is authenticated with, by the name of a secret."""

    header: Text = None
    query_param: Text = None
    secret_name: Text = None
    oauth: McpOauth | None = None


class McpServer(AdkModel):
    """A server whose tools the agent may call."""

    provider_id: Name
    url: Text = None
    auth: McpAuth | None = None
    timeout: float | None = Field(default=None, ge=1, le=30)
    enabled_functions: list[str] | None = None


class McpServers(AdkModel):
    """config/mcp.yaml."""

    mcp_servers: list[McpServer] | None = None


class EnvironmentNumbers(AdkModel):
    """The number that text messages come from, by environment."""

    sandbox: Text = None
    pre_release: Text = None
    live: Text = None


class SmsTemplate(AdkModel):
    """A text message."""

    name: Name = Field(description="What texts refer to as {{twilio_sms:…}}.")
    text: Text = about("The message; may refer to {{vrbl:…}}.")
    env_phone_numbers: EnvironmentNumbers | None = about("The numbers that it is sent from.")


class SmsTemplates(AdkModel):
    """config/sms_templates.yaml."""

    sms_templates: list[SmsTemplate] | None = None


class Translation(AdkModel):
    """A text in each language."""

    name: Name
    translations: dict[str, str | None] | None = None


class Translations(AdkModel):
    """config/translations.yaml."""

    translations: list[Translation] | None = None


class Variant(AdkModel):
    """A place, a tenant or another case that the agent has values of its own for."""

    name: Name
    is_default: bool | None = None


class Attribute(AdkModel):
    """A value that differs by variant."""

    name: Name = Field(description="What texts refer to as {{attr:…}}; a Python identifier.")
    kind: Literal["string", "number", "boolean", "enum", "object"] | None = about(
        "The type of the values; string where it is left out."
    )
    config: dict[str, Any] | None = about("For an enum, the values allowed.")
    values: dict[str, Any] | None = about("The value for each variant, by the variant's name.")


class VariantAttributes(AdkModel):
    """config/variant_attributes.yaml."""

    variants: list[Variant] | None = None
    attributes: list[Attribute] | None = None
