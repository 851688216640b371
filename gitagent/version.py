"""The version of gitagent itself."""

VERSION = "0.1.0"
