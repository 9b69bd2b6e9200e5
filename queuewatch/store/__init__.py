"""What must outlive the process: the journal of events, the ledger of what was said, snapshots."""
