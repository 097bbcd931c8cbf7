"""Who and where: places, organisations, accounts, papers, notices, households."""
