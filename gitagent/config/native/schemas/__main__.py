"""`python -m gitagent.config.native.schemas`: write the schemas anew after a model has changed."""

from gitagent.config.native.schemas import write_schemas

write_schemas()
