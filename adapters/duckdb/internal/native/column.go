package native

// column is the shape of a result column, worked out once per result.
type column struct {
	id      typeID
	storage typeID // of decimals and enums
	scale   uint8
	size    idx      // of arrays
	labels  []string // of enums, struct fields, union members
	kids    []column
}

func newColumn(lt logicalType) column {
	c := column{id: libTypeID(lt)}
	child := func(t logicalType) {
		defer libDestroyType(&t)
		c.kids = append(c.kids, newColumn(t))
	}
	switch c.id {
	case tDecimal:
		c.scale = uint8(libDecimalScale(lt))
		c.storage = libDecimalStorage(lt)
	case tEnum:
		c.storage = libEnumStorage(lt)
		for i := uint32(0); i < uint32(libEnumSize(lt)); i++ {
			c.labels = append(c.labels, libEnumValue(lt, idx(i)))
		}
	case tList:
		child(libListType(lt))
	case tArray:
		c.size = idx(libArraySize(lt))
		child(libArrayType(lt))
	case tMap:
		child(libMapKey(lt))
		child(libMapValue(lt))
	case tStruct:
		for i := idx(0); i < libStructCount(lt); i++ {
			c.labels = append(c.labels, libStructName(lt, i))
			child(libStructType(lt, i))
		}
	case tUnion:
		for i := idx(0); i < libUnionCount(lt); i++ {
			c.labels = append(c.labels, libUnionName(lt, i))
			child(libUnionType(lt, i))
		}
	}
	return c
}

// has reports whether the type is id or contains it.
func (c *column) has(id typeID) bool {
	if c.id == id {
		return true
	}
	for i := range c.kids {
		if c.kids[i].has(id) {
			return true
		}
	}
	return false
}
