"""Turn day records into Markdown pages."""
