"""The document's examples, run for real: ``from dockcli.recipes import isolation``."""
