//! MANY DOSSIERS: the road of one, the lanes of many, the plan, the events.
