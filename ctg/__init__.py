"""The shell: what both rooms stand on."""

VERSION = "0.2.0"
