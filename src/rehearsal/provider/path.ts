/** Steps from a resource to one of its values: attribute names, and indexes of lists. */
export type Path = readonly (string | number)[];
