package value

import "time"

// Attr has pytz's localize and normalize, and the tzinfo methods.
func (z *Zone) Attr(_ *Thread, name string) (Value, bool, error) {
	switch name {
	case "zone":
		if z.kind == zonePytz || z.kind == zonePytzUTC {
			return String(z.name), true, nil
		}
		if z.kind == zonePytzFixed {
			return None, true, nil
		}
	case "localize":
		if z.kind != zoneFixed {
			return Func(name, z.localizeMethod), true, nil
		}
	case "normalize":
		if z.kind != zoneFixed {
			return Func(name, z.normalizeMethod), true, nil
		}
	case "utcoffset", "tzname", "dst":
		return Func(name, func(th *Thread, a Args) (Value, error) {
			args, err := a.Bind(name, "dt", "is_dst?")
			if err != nil {
				return Undef, err
			}
			variant := z
			if d, ok := as[*DateTime](args[0]); ok && z.loc != nil && d.zone == nil {
				if variant, err = z.localize(d.wall, args[1]); err != nil {
					return Undef, err
				}
			} else if args[0].IsNone() && z.kind == zonePytz {
				if name == "tzname" {
					return String(z.name), nil
				}
				return None, nil
			}
			return Call(th, zoneMethod(variant, time.Time{}, name), Args{})
		}), true, nil
	case "fromutc":
		return Func(name, func(_ *Thread, a Args) (Value, error) {
			args, err := a.Bind(name, "dt")
			if err != nil {
				return Undef, err
			}
			d, ok := as[*DateTime](args[0])
			if !ok {
				return Undef, typeError("fromutc: argument must be a datetime instance, not %s", TypeName(args[0]))
			}
			return FromObject(inZone(d.wall, z)), nil
		}), true, nil
	}
	return Undef, false, nil
}

func (z *Zone) localizeMethod(_ *Thread, a Args) (Value, error) {
	args, err := a.Bind("localize", "dt", "is_dst?")
	if err != nil {
		return Undef, err
	}
	d, ok := as[*DateTime](args[0])
	if !ok {
		return Undef, Errorf("AttributeError", "'%s' object has no attribute 'tzinfo'", TypeName(args[0]))
	}
	if d.zone != nil {
		return Undef, valueError("Not naive datetime (tzinfo is already set)")
	}
	variant, err := z.localize(d.wall, args[1])
	return FromObject(&DateTime{wall: d.wall, zone: variant}), err
}

// localize finds the variant in force when the zone's clocks show wall. A reading that
// occurs twice or never is settled by isDST (default false); None makes it an error.
func (z *Zone) localize(wall time.Time, isDST Value) (*Zone, error) {
	if z.loc == nil {
		return z, nil
	}
	var found []*Zone
	for _, shift := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		v := z.atInstant(z.atInstant(wall.Add(shift)).toUTC(wall))
		if z.atInstant(v.toUTC(wall)).offset == v.offset && (len(found) == 0 || found[0].offset != v.offset) {
			found = append(found, v)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case isDST.IsNone() && len(found) == 0:
		return nil, Errorf("NonExistentTimeError", "%s", isoDate(wall)+" "+isoClock(wall, "auto"))
	case isDST.IsNone():
		return nil, Errorf("AmbiguousTimeError", "%s", isoDate(wall)+" "+isoClock(wall, "auto"))
	case len(found) == 0 && Truth(isDST):
		return z.localize(wall.Add(6*time.Hour), isDST)
	case len(found) == 0:
		return z.localize(wall.Add(-6*time.Hour), isDST)
	}
	for _, v := range found {
		if (v.dst != 0) == Truth(isDST) {
			return v, nil
		}
	}
	// Both or neither are daylight saving: standard time is the later of the two readings.
	if Truth(isDST) == (found[0].offset > found[1].offset) {
		return found[0], nil
	}
	return found[1], nil
}

func (z *Zone) toUTC(wall time.Time) time.Time { return wall.Add(-z.offset) }

func (z *Zone) normalizeMethod(_ *Thread, a Args) (Value, error) {
	args, err := a.Bind("normalize", "dt", "is_dst?")
	if err != nil {
		return Undef, err
	}
	d, ok := as[*DateTime](args[0])
	if !ok {
		return Undef, Errorf("AttributeError", "'%s' object has no attribute 'tzinfo'", TypeName(args[0]))
	}
	if d.zone == nil {
		return Undef, valueError("Naive time - no tzinfo set")
	}
	return FromObject(inZone(d.instant(), z)), nil
}

// FixedOffset is pytz.FixedOffset(minutes).
func FixedOffset(minutes int64) (*Zone, error) {
	if minutes == 0 {
		return UTC, nil
	}
	if minutes <= -1440 || minutes >= 1440 {
		return nil, valueError("('absolute offset is too large', %d)", minutes)
	}
	return &Zone{kind: zonePytzFixed, offset: time.Duration(minutes) * time.Minute}, nil
}
