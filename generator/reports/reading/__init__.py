"""Read reports: documents into plain values, whatever state they are in."""
