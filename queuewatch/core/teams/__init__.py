"""What a team is told: alerts, and the plan that says how many agents there should be."""
