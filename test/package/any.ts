/** Finds `any` inside of a type, however deep: in parameters, results and the properties that this package declares. */

import ts from 'typescript'

export function findAny(checker: ts.TypeChecker, type: ts.Type): string[] {
  const found: string[] = []
  const seen = new Set<ts.Type>()
  const visit = (type: ts.Type, path: string): void => {
    if (type.flags & ts.TypeFlags.Any) found.push(path)
    if (seen.has(type)) return
    seen.add(type)
    if (type.isUnionOrIntersection()) for (const part of type.types) visit(part, path)
    for (const signature of type.getCallSignatures()) {
      for (const parameter of signature.getParameters())
        visit(checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`)
      visit(signature.getReturnType(), `${path}()`)
    }
    if (!(type.flags & ts.TypeFlags.Object)) return
    for (const argument of checker.getTypeArguments(type as ts.TypeReference)) visit(argument, `${path}<>`)
    for (const property of type.getProperties()) {
      if (isPublic(property)) visit(checker.getTypeOfSymbol(property), `${path}.${property.name}`)
    }
  }
  visit(type, '')
  return found
}

/** Declarations of private members have no types. */
function isPublic(property: ts.Symbol): boolean {
  const declaration = property.declarations?.[0]
  if (!declaration?.getSourceFile().fileName.includes('/netlink-ts/')) return false
  return (
    !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) && property.name !== '#private'
  )
}
