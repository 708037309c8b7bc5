"""Begin an archive: ask its owner a few questions, check the answers, and write archive.yml."""
