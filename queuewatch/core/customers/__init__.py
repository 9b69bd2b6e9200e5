"""What single customers are owed: vouchers, a person, a call back."""
