"""Real tables, written to files as people write them: what does the audit say of each dirt?"""
